"""The theme of the pages, which each browser keeps in a cookie of all services; without it, the system's."""

from __future__ import annotations

from django.http import HttpRequest

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
SYSTEM = "system"


def chosen_theme(request: HttpRequest) -> str:
    """Return the theme that this browser has chosen: one of THEMES, or SYSTEM."""
    theme = request.COOKIES.get(THEME_COOKIE)
    return theme if theme in THEMES else SYSTEM
