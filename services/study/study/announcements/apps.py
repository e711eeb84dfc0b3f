from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry


class AnnouncementsConfig(AppConfig):
    name = "study.announcements"
    menu = (Entry(_("Announcements"), "horn", "announcements:list", 60),)
