from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry


class MissionsConfig(AppConfig):
    name = "study.missions"
    menu = (Entry(_("Missions"), "book", "missions:list", 30),)
