from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry


class MembershipsConfig(AppConfig):
    name = "study.memberships"
    menu = (
        Entry(
            _("Members"),
            "users",
            "memberships:members",
            20,
            roles=("operator",),
            also="memberships:invitations",
        ),
        Entry(_("My membership"), "user", "memberships:mine", 80, also="memberships:leave"),
    )
