"""Display names of accounts."""

from __future__ import annotations

from django.utils.translation import gettext as _


def display_name(name: str | None) -> str:
    """Return the name, or a placeholder if the account is unknown (None) or closed ("")."""
    if name is None:
        return _("New member")
    return name or _("Former member")
