from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry


class CohortsConfig(AppConfig):
    name = "study.cohorts"
    menu = (Entry(_("Cohorts"), "users", "cohorts:list", 10, roles=("",), has_cohort=False),)
