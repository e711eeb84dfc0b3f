"""How the states of submissions, attempts and reviews are shown, everywhere the same: tone, sign, word."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from look.templatetags.tags import badge

register = template.Library()

# How each state is shown, never by colour alone: tone, icon, word.
STATES: dict[str, tuple[str, str, Promise]] = {
    "submission not_yet": ("neutral", "dot", _("Not submitted yet")),
    "submission draft": ("neutral", "page", _("Draft")),
    "submission waiting": ("info", "eye", _("Waiting for review")),
    "submission changes_requested": ("warning", "edit", _("Changes requested")),
    "submission resubmitted": ("info", "refresh", _("Resubmitted")),
    "submission approved": ("success", "check", _("Approved")),
    "submission merged": ("done", "merge", _("Merged")),
    "submission released": ("success", "scale", _("Score released")),
    "submission completed": ("success", "check", _("Completed")),
    "submission late": ("warning", "clock", _("Submitted late")),
    "submission missing": ("danger", "alert", _("Missing")),
    "submission closed": ("danger", "closed", _("Closed")),
    "submission reverted": ("danger", "undo", _("Merge reverted")),
    "attempt on_time": ("success", "check", _("On time")),
    "attempt late": ("warning", "clock", _("Late")),
}


@register.simple_tag
def state(kind: str, value: str) -> SafeString:
    """The badge of a state. KeyError for one that has no look: it is a bug, not a style."""
    tone, icon, label = STATES[f"{kind} {value}"]
    return badge(tone, icon, label, dashed=icon == "dot")


@register.filter
def status_tone(value: str) -> str:
    """The tone of a submission's state, as a class."""
    return STATES[f"submission {value}"][0]


@register.filter
def status_icon(value: str) -> str:
    """The icon of a submission's state."""
    return STATES[f"submission {value}"][1]


@register.filter
def status_label(value: str) -> Promise:
    """A submission's state in words."""
    return STATES[f"submission {value}"][2]
