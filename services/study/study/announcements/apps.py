from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy

from look.menu import Entry


class AnnouncementsConfig(AppConfig):
    name = "study.announcements"
    menu = (Entry(pgettext_lazy("menu", "News"), "horn", "announcements:list", 60),)
