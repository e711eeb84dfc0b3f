"""Template filter for names of accounts."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def person(name: str | None) -> str:
    """Return the display name of a mirrored name: None is not mirrored yet, "" is a closed account."""
    if name is None:
        return _("New member")
    return name or _("Former member")
