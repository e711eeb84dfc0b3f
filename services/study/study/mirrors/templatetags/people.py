"""How people are called, everywhere the same."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def person(name: str | None) -> str:
    """A mirror's name in words: None is somebody we have not heard of, "" one whose account is closed."""
    if name is None:
        return _("New member")
    return name or _("Former member")
