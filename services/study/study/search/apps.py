from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry


class SearchConfig(AppConfig):
    name = "study.search"
    menu = (Entry(_("Search"), "search", "search:cohort", 65),)
