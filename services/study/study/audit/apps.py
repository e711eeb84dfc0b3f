from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry


class AuditConfig(AppConfig):
    name = "study.audit"
    menu = (Entry(_("Audit log"), "clock", "audit:log", 75, roles=("operator",)),)
