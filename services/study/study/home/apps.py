from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry


class HomeConfig(AppConfig):
    name = "study.home"
    menu = (
        Entry(_("This week"), "home", "home:week", 10, roles=("member",)),
        Entry(_("Overview"), "home", "home:cohort", 10, roles=("operator",)),
        Entry(_("Settings"), "gear", "home:settings", 70, roles=("operator",)),
    )
