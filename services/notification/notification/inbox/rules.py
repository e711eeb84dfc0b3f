"""The kinds of notifications and their texts.

A new kind is an entry in KINDS, a render function, and a handler in event_handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Context:
    """Values for the text of a notification. `data` is Notification.context."""

    data: Mapping[str, Any]
    about_name: str
    cohort: str
    is_about_reader: bool


@dataclass(frozen=True)
class Rendered:
    """The text in the active language. `subject` must suit a locked screen: no marks, no details."""

    headline: str
    detail: str
    subject: str
    button: str


@dataclass(frozen=True)
class Kind:
    """A kind of notification: its label in the preferences, its group in the inbox, its icon.

    `email_by_default`: sent by email unless muted. `members_only`: not sent to accounts that left the cohort.
    """

    label: str | Promise
    group: str
    icon: str
    email_by_default: bool
    members_only: bool
    render: Callable[[Context], Rendered]


GROUPS: dict[str, str | Promise] = {
    "missions": gettext_lazy("Missions"),
    "announcements": gettext_lazy("Announcements"),
    "cohorts": gettext_lazy("Cohorts"),
}


def _role(data: Mapping[str, Any]) -> str:
    names = {"operator": _("an operator"), "mentor": _("a mentor"), "member": _("a member")}
    return names.get(str(data.get("role")), _("a member"))


def _render_invited(context: Context) -> Rendered:
    by = context.data.get("by") or _("An operator")
    headline = _("You are invited to %(cohort)s") % {"cohort": context.cohort}
    detail = _("%(by)s invited you as %(role)s. Open the invitation to join.") % {
        "by": by,
        "role": _role(context.data),
    }
    return Rendered(headline, detail, headline, _("Open the invitation"))


def _render_joined(context: Context) -> Rendered:
    if context.is_about_reader:
        headline = _("You are in %(cohort)s now. Welcome") % {"cohort": context.cohort}
        detail = _("You joined as %(role)s. “This week” shows what comes next.") % {
            "role": _role(context.data)
        }
        return Rendered(headline, detail, headline, _("Go to the cohort"))
    headline = _("%(who)s joined %(cohort)s") % {"who": context.about_name, "cohort": context.cohort}
    detail = _("They joined as %(role)s.") % {"role": _role(context.data)}
    return Rendered(headline, detail, headline, _("See the members"))


def _render_announcement(context: Context) -> Rendered:
    headline = str(context.data.get("title", ""))
    subject = f"[{context.cohort}] {headline}"
    return Rendered(headline, str(context.data.get("excerpt", "")), subject, _("Read the announcement"))


def _render_submission_received(context: Context) -> Rendered:
    mission = context.data.get("mission", "")
    again = int(context.data.get("attempt", 1)) > 1
    late = _("It came after the deadline.") if context.data.get("late") else ""
    if context.is_about_reader:
        headline = (_("You handed in %(mission)s again") if again else _("You handed in %(mission)s")) % {
            "mission": mission
        }
        detail = late or _("You will be notified when it has been reviewed.")
        return Rendered(headline, detail, headline, _("See your submission"))
    names = {"who": context.about_name, "mission": mission}
    headline = (
        _("%(who)s handed in %(mission)s again") if again else _("%(who)s handed in %(mission)s")
    ) % names
    detail = late or _("It is waiting for your review.")
    return Rendered(headline, detail, headline, _("Start the review"))


def _render_changes_requested(context: Context) -> Rendered:
    by = context.data.get("by") or _("A reviewer")
    headline = _("%(by)s asked for changes: %(mission)s") % {
        "by": by,
        "mission": context.data.get("mission", ""),
    }
    detail = _("Push your fix and it is handed in again.")
    return Rendered(headline, detail, headline, _("See what to change"))


def _render_review_released(context: Context) -> Rendered:
    names = {
        "mission": context.data.get("mission", ""),
        "points": context.data.get("points", 0),
        "most": context.data.get("max_points", 0),
    }
    if int(context.data.get("version", 1)) > 1:
        headline = _("Your marks for %(mission)s have changed: %(points)s / %(most)s") % names
        subject = _("Your marks for %(mission)s have changed") % names
    else:
        headline = _("Your marks for %(mission)s are out: %(points)s / %(most)s") % names
        subject = _("Your marks for %(mission)s are out") % names
    return Rendered(headline, _("Your mentor wrote a review."), subject, _("Read the review"))


KINDS: dict[str, Kind] = {
    "invited": Kind(
        label=gettext_lazy("Invitations"),
        group="cohorts",
        icon="mail",
        email_by_default=True,
        members_only=False,
        render=_render_invited,
    ),
    "joined": Kind(
        label=gettext_lazy("Joining a cohort"),
        group="cohorts",
        icon="users",
        email_by_default=False,
        members_only=False,
        render=_render_joined,
    ),
    "announcement": Kind(
        label=gettext_lazy("Announcements"),
        group="announcements",
        icon="horn",
        email_by_default=True,
        members_only=True,
        render=_render_announcement,
    ),
    # Every push resubmits: too many for email by default.
    "submission_received": Kind(
        label=gettext_lazy("Submissions received"),
        group="missions",
        icon="pr",
        email_by_default=False,
        members_only=True,
        render=_render_submission_received,
    ),
    "changes_requested": Kind(
        label=gettext_lazy("Changes requested"),
        group="missions",
        icon="edit",
        email_by_default=True,
        members_only=True,
        render=_render_changes_requested,
    ),
    "review_released": Kind(
        label=gettext_lazy("Marks released"),
        group="missions",
        icon="scale",
        email_by_default=True,
        members_only=True,
        render=_render_review_released,
    ),
}


def kinds_in_group(group: str) -> list[str]:
    """Return the kinds of a group."""
    return [name for name, kind in KINDS.items() if kind.group == group]
