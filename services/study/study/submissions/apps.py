from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from look.menu import Entry


class SubmissionsConfig(AppConfig):
    name = "study.submissions"
    menu = (
        Entry(_("Submissions"), "pr", "submissions:cohort", 20, roles=("mentor",)),
        Entry(
            pgettext_lazy("menu", "My submissions"),
            "pr",
            "submissions:mine",
            40,
            roles=("member",),
            also="/cohorts/{cohort}/submissions/",
            has_cohort=False,
        ),
        Entry(
            pgettext_lazy("menu", "Pull requests"),
            "pr",
            "submissions:pull_requests",
            40,
            roles=("operator",),
            also="github:settings",
        ),
    )
