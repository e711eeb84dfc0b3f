"""How people are called whose account is missing here."""

from __future__ import annotations

from django.utils.translation import gettext as _


def display_name(name: str | None) -> str:
    """The mirrored name; words for an account that has not arrived yet (None), or is closed (empty)."""
    if name is None:
        return _("New member")
    return name or _("Former member")
