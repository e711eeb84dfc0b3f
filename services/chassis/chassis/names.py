"""Which texts can be a name or a title: one line that people can see and that turns no other text around."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Invisible, although Unicode classifies them as printable: fillers of Hangul, and blank Braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Embeddings, overrides and isolates reverse the text after the name.
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def name_fault(text: str) -> str | Promise:
    """Return in words what keeps the text from being a name or a title; "" if nothing does."""
    kinds = {sign: unicodedata.category(sign) for sign in text}
    # Zl and Zp are line breaks too; the others are control characters and what is no character at all.
    if any(kind in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} for kind in kinds.values()) or _BIDIRECTIONAL & set(
        text
    ):
        return _("Leave out line breaks and characters that cannot be shown.")
    if not any(kind[0] in "LNPS" and sign not in _BLANK for sign, kind in kinds.items()):
        return _("Nothing of this can be seen. Give letters, digits or signs.")
    return ""


def check_name(text: str) -> None:
    """Validate a field of a form or of REST. ValidationError if `name_fault` finds something."""
    if fault := name_fault(text):
        raise ValidationError(str(fault), code="invisible")
