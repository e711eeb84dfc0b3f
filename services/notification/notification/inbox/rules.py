"""The catalogue: everything that anyone is ever told, how it is shown, and in which words.

A new kind is an entry in KINDS, a function for its words, and a handler in reactions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Told:
    """What the words of a notification are made of. `own`: it is about the reader."""

    facts: Mapping[str, Any]
    who: str
    cohort: str
    own: bool


@dataclass(frozen=True)
class Words:
    """A notification in the language that is active. `subject` is what a mail may say on a locked screen."""

    headline: str
    detail: str
    subject: str
    button: str


@dataclass(frozen=True)
class Kind:
    """How a kind is listed: its name in the settings, its filter in the inbox, its sign.

    `mailed`: goes by mail unless muted. `within`: of no concern to someone who has left the cohort since.
    """

    label: str | Promise
    group: str
    icon: str
    mailed: bool
    within: bool
    words: Callable[[Told], Words]


GROUPS: dict[str, str | Promise] = {
    "missions": gettext_lazy("Missions"),
    "announcements": gettext_lazy("Announcements"),
    "cohorts": gettext_lazy("Cohorts"),
}


def _role(facts: Mapping[str, Any]) -> str:
    names = {"operator": _("an operator"), "mentor": _("a mentor"), "member": _("a member")}
    return names.get(str(facts.get("role")), _("a member"))


def _invited(told: Told) -> Words:
    by = told.facts.get("by") or _("An operator")
    headline = _("You are invited to %(cohort)s") % {"cohort": told.cohort}
    detail = _("%(by)s invited you as %(role)s. Open the invitation to join.") % {
        "by": by,
        "role": _role(told.facts),
    }
    return Words(headline, detail, headline, _("Open the invitation"))


def _joined(told: Told) -> Words:
    if told.own:
        headline = _("You are in %(cohort)s now. Welcome") % {"cohort": told.cohort}
        detail = _("You joined as %(role)s. “This week” shows what comes next.") % {"role": _role(told.facts)}
        return Words(headline, detail, headline, _("Go to the cohort"))
    headline = _("%(who)s joined %(cohort)s") % {"who": told.who, "cohort": told.cohort}
    detail = _("They joined as %(role)s.") % {"role": _role(told.facts)}
    return Words(headline, detail, headline, _("See the members"))


def _announcement(told: Told) -> Words:
    headline = str(told.facts.get("title", ""))
    subject = f"[{told.cohort}] {headline}"
    return Words(headline, str(told.facts.get("excerpt", "")), subject, _("Read the announcement"))


def _submission_received(told: Told) -> Words:
    mission = told.facts.get("mission", "")
    again = int(told.facts.get("attempt", 1)) > 1
    late = _("It came after the deadline.") if told.facts.get("late") else ""
    if told.own:
        headline = (_("You handed in %(mission)s again") if again else _("You handed in %(mission)s")) % {
            "mission": mission
        }
        detail = late or _("We will tell you when it has been reviewed.")
        return Words(headline, detail, headline, _("See your submission"))
    names = {"who": told.who, "mission": mission}
    headline = (
        _("%(who)s handed in %(mission)s again") if again else _("%(who)s handed in %(mission)s")
    ) % names
    detail = late or _("It is waiting for your review.")
    return Words(headline, detail, headline, _("Start the review"))


def _changes_requested(told: Told) -> Words:
    by = told.facts.get("by") or _("A reviewer")
    headline = _("%(by)s asked for changes: %(mission)s") % {
        "by": by,
        "mission": told.facts.get("mission", ""),
    }
    detail = _("Push your fix and it is handed in again.")
    return Words(headline, detail, headline, _("See what to change"))


def _review_released(told: Told) -> Words:
    names = {
        "mission": told.facts.get("mission", ""),
        "points": told.facts.get("points", 0),
        "most": told.facts.get("max_points", 0),
    }
    if int(told.facts.get("version", 1)) > 1:
        headline = _("Your marks for %(mission)s have changed: %(points)s / %(most)s") % names
        subject = _("Your marks for %(mission)s have changed") % names
    else:
        headline = _("Your marks for %(mission)s are out: %(points)s / %(most)s") % names
        subject = _("Your marks for %(mission)s are out") % names
    return Words(headline, _("Your mentor wrote a review."), subject, _("Read the review"))


KINDS: dict[str, Kind] = {
    "invited": Kind(
        label=gettext_lazy("Invitations"),
        group="cohorts",
        icon="mail",
        mailed=True,
        within=False,
        words=_invited,
    ),
    "joined": Kind(
        label=gettext_lazy("Joining a cohort"),
        group="cohorts",
        icon="users",
        mailed=False,
        within=False,
        words=_joined,
    ),
    "announcement": Kind(
        label=gettext_lazy("Announcements"),
        group="announcements",
        icon="horn",
        mailed=True,
        within=True,
        words=_announcement,
    ),
    # Every push of a fix is handed in again: too many for mail, unless someone asks for it.
    "submission_received": Kind(
        label=gettext_lazy("Submissions received"),
        group="missions",
        icon="pr",
        mailed=False,
        within=True,
        words=_submission_received,
    ),
    "changes_requested": Kind(
        label=gettext_lazy("Changes requested"),
        group="missions",
        icon="edit",
        mailed=True,
        within=True,
        words=_changes_requested,
    ),
    "review_released": Kind(
        label=gettext_lazy("Marks released"),
        group="missions",
        icon="scale",
        mailed=True,
        within=True,
        words=_review_released,
    ),
}


def kinds_of(group: str) -> list[str]:
    """The kinds that this filter of the inbox shows."""
    return [name for name, kind in KINDS.items() if kind.group == group]
