"""The kinds of notifications and their texts.

A new kind is an entry in KINDS, a render function, and a handler in event_handlers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from look.templatetags.tags import moment_text


@dataclass(frozen=True)
class Rendered:
    """The text in the active language. `subject` must suit a locked screen: no marks, no details."""

    headline: str
    detail: str
    subject: str
    button: str


@dataclass(frozen=True)
class Kind:
    """A kind of notification: its text, its label in the preferences, its group in the inbox, its icon.

    `render` takes a Notification with the name `about_name` and the title `cohort`.
    `email_by_default`: sent by email unless muted. `members_only`: not sent to accounts that left the cohort.
    `only_unsubmitted`: not sent to who submitted the mission since.
    """

    render: Callable[[Any], Rendered]
    label: str | Promise
    group: str
    icon: str
    email_by_default: bool = True
    members_only: bool = True
    only_unsubmitted: bool = False


GROUPS: dict[str, str | Promise] = {
    "missions": gettext_lazy("Missions"),
    "announcements": gettext_lazy("Announcements"),
    "cohorts": gettext_lazy("Cohorts"),
}


def role_name(role: str) -> str:
    """Return a role with its article, as who joins in it."""
    names = {"operator": _("an organizer"), "mentor": _("a mentor"), "member": _("a member")}
    return names.get(role, _("a member"))


def _role(notification: Any) -> str:
    return role_name(str(notification.context.get("role")))


def _render_invited(notification: Any) -> Rendered:
    by = notification.context.get("by") or _("An organizer")
    headline = _("You are invited to %(cohort)s") % {"cohort": notification.cohort}
    detail = _("%(by)s invited you as %(role)s. Open the invitation to join.") % {
        "by": by,
        "role": _role(notification),
    }
    return Rendered(headline, detail, headline, _("Open the invitation"))


def _render_joined(notification: Any) -> Rendered:
    if notification.about_id == notification.account_id:
        headline = _("You are in %(cohort)s now. Welcome") % {"cohort": notification.cohort}
        detail = _("You joined as %(role)s. “This week” shows what comes next.") % {
            "role": _role(notification)
        }
        return Rendered(headline, detail, headline, _("Go to the cohort"))
    headline = _("%(who)s joined %(cohort)s") % {
        "who": notification.about_name,
        "cohort": notification.cohort,
    }
    detail = _("They joined as %(role)s.") % {"role": _role(notification)}
    return Rendered(headline, detail, headline, _("See the members"))


def _render_join_requested(notification: Any) -> Rendered:
    headline = _("%(who)s asks to join %(cohort)s") % {
        "who": notification.about_name,
        "cohort": notification.cohort,
    }
    detail = _("Approve or decline the request.")
    return Rendered(headline, detail, headline, _("See the requests"))


def _render_join_request_decided(notification: Any) -> Rendered:
    names = {"cohort": notification.cohort, "role": _role(notification)}
    if notification.context.get("approved"):
        headline = _("Your request to join %(cohort)s was approved") % names
        detail = _("You joined as %(role)s. “This week” shows what comes next.") % names
        return Rendered(headline, detail, headline, _("Go to the cohort"))
    headline = _("Your request to join %(cohort)s was declined") % names
    detail = _("While an invitation link can be used, you can ask again by it.")
    return Rendered(headline, detail, headline, _("See your request"))


def _render_announcement(notification: Any) -> Rendered:
    headline = str(notification.context.get("title", ""))
    if notification.context.get("is_reminder"):
        headline = _("You have not read this yet: %(title)s") % {"title": headline}
    subject = f"[{notification.cohort}] {headline}"
    return Rendered(
        headline, str(notification.context.get("excerpt", "")), subject, _("Read the announcement")
    )


def _render_submission_received(notification: Any) -> Rendered:
    mission = notification.context.get("mission", "")
    again = int(notification.context.get("attempt", 1)) > 1
    late = _("It came after the deadline.") if notification.context.get("late") else ""
    if notification.about_id == notification.account_id:
        headline = (_("You submitted %(mission)s again") if again else _("You submitted %(mission)s")) % {
            "mission": mission
        }
        if notification.context.get("is_completed"):
            detail = _("The mission is completed.")
        else:
            detail = late or _("You will be notified when it has been reviewed.")
        return Rendered(headline, detail, headline, _("See your submission"))
    names = {"who": notification.about_name, "mission": mission}
    headline = (
        _("%(who)s submitted %(mission)s again") if again else _("%(who)s submitted %(mission)s")
    ) % names
    detail = late or _("It is waiting for your review.")
    return Rendered(headline, detail, headline, _("Start the review"))


def _render_changes_requested(notification: Any) -> Rendered:
    by = notification.context.get("by") or _("A reviewer")
    headline = _("%(by)s asked for changes: %(mission)s") % {
        "by": by,
        "mission": notification.context.get("mission", ""),
    }
    detail = _("Push your fix and it is submitted again.")
    return Rendered(headline, detail, headline, _("See what to change"))


def _render_submission_completed(notification: Any) -> Rendered:
    names = {
        "mission": notification.context.get("mission", ""),
        "by": notification.context.get("by") or _("A reviewer"),
    }
    headline = _("You completed %(mission)s") % names
    is_merge = notification.context.get("completion") == "merge"
    detail = (_("%(by)s merged it on GitHub.") if is_merge else _("%(by)s approved it on GitHub.")) % names
    return Rendered(headline, detail, headline, _("See your submission"))


def _render_review_released(notification: Any) -> Rendered:
    names = {
        "mission": notification.context.get("mission", ""),
        "points": notification.context.get("points", 0),
        "most": notification.context.get("max_points", 0),
    }
    if int(notification.context.get("version", 1)) > 1:
        headline = _("Your marks for %(mission)s have changed: %(points)s / %(most)s") % names
        subject = _("Your marks for %(mission)s have changed") % names
    else:
        headline = _("Your marks for %(mission)s are out: %(points)s / %(most)s") % names
        subject = _("Your marks for %(mission)s are out") % names
    return Rendered(headline, _("Your mentor wrote a review."), subject, _("Read the review"))


def _render_review_withdrawn(notification: Any) -> Rendered:
    headline = _("Your marks for %(mission)s were withdrawn") % {
        "mission": notification.context.get("mission", "")
    }
    detail = _("Your mentor is changing the review. You will be notified when it is released again.")
    return Rendered(headline, detail, headline, _("See your submission"))


def _render_thread_answered(notification: Any) -> Rendered:
    headline = _("%(who)s answered about %(mission)s") % {
        "who": notification.about_name,
        "mission": notification.context.get("mission", ""),
    }
    return Rendered(
        headline, _("Further answers are not notified until you answer."), headline, _("Read the answer")
    )


def _time(notification: Any, name: str) -> str:
    """Return a time of the context in the active time zone and language."""
    return moment_text(datetime.fromisoformat(notification.context[name]))


def _render_mission_opened(notification: Any) -> Rendered:
    headline = _("%(mission)s is open") % {"mission": notification.context.get("mission", "")}
    detail = _("Submit it by %(due)s.") % {"due": _time(notification, "due_at")}
    return Rendered(headline, detail, headline, _("See the mission"))


def _render_deadline_moved(notification: Any) -> Rendered:
    headline = _("The deadline of %(mission)s has changed") % {
        "mission": notification.context.get("mission", "")
    }
    detail = _("Your deadline is now: %(due)s") % {"due": _time(notification, "due_at")}
    return Rendered(headline, detail, headline, _("See the mission"))


def _render_deadline_reminder(notification: Any) -> Rendered:
    names = {"mission": notification.context.get("mission", ""), "due": _time(notification, "due_at")}
    # What would be due at night is announced in the evening before, when more is left.
    left = datetime.fromisoformat(notification.context["due_at"]) - notification.occurred_at
    if notification.context.get("window") not in {"3h", "24h"} or left > timedelta(days=1):
        headline, detail = _("You have not submitted %(mission)s yet"), _("Deadline: %(due)s")
    else:
        headline = _("Less than a day left for %(mission)s")
        if left <= timedelta(hours=3):
            headline = _("Less than three hours left for %(mission)s")
        detail = _("You have not submitted it yet. Deadline: %(due)s")
    headline, detail = headline % names, detail % names
    return Rendered(headline, detail, headline, _("See the mission"))


def _render_extension_requested(notification: Any) -> Rendered:
    headline = _("%(who)s asks for more time: %(mission)s") % {
        "who": notification.about_name,
        "mission": notification.context.get("mission", ""),
    }
    detail = _("The reason is in the list of requests.")
    return Rendered(headline, detail, headline, _("See the requests"))


def _render_extension_decided(notification: Any) -> Rendered:
    names = {"mission": notification.context.get("mission", "")}
    if notification.context.get("granted"):
        headline = _("You have more time for %(mission)s") % names
        detail = _("Your deadline is now: %(due)s") % {"due": _time(notification, "new_due_at")}
    else:
        headline = _("Your request for more time was declined: %(mission)s") % names
        detail = _("Your deadline stays as it was.")
    if notification.context.get("answer"):
        answer = _("The organizers answered: %(answer)s") % {"answer": notification.context["answer"]}
        detail = f"{detail} · {answer}"
    return Rendered(headline, detail, headline, _("See the mission"))


def _render_review_digest(notification: Any) -> Rendered:
    count = int(notification.context.get("waiting", 1))
    headline = ngettext(
        "%(count)d submission is waiting for your review",
        "%(count)d submissions are waiting for your review",
        count,
    ) % {"count": count}
    detail = _("The oldest has been waiting since %(since)s.") % {
        "since": _time(notification, "waiting_since")
    }
    return Rendered(headline, detail, headline, _("See what is waiting"))


KINDS: dict[str, Kind] = {
    "invited": Kind(_render_invited, gettext_lazy("Invitations"), "cohorts", "mail", members_only=False),
    "joined": Kind(
        _render_joined,
        gettext_lazy("Joining a cohort"),
        "cohorts",
        "users",
        email_by_default=False,
        members_only=False,
    ),
    # One mail each would be many on the evening on which a club sends its link round.
    "join_requested": Kind(
        _render_join_requested,
        gettext_lazy("Requests to join"),
        "cohorts",
        "users",
        email_by_default=False,
    ),
    "join_request_decided": Kind(
        _render_join_request_decided,
        gettext_lazy("Decisions on your requests to join"),
        "cohorts",
        "check",
        members_only=False,
    ),
    # Also the reminders that an operator sends.
    "announcement": Kind(_render_announcement, gettext_lazy("Announcements"), "announcements", "horn"),
    "mission_opened": Kind(
        _render_mission_opened, gettext_lazy("Missions opened"), "missions", "book", only_unsubmitted=True
    ),
    "deadline_moved": Kind(
        _render_deadline_moved, gettext_lazy("Deadlines changed"), "missions", "clock", only_unsubmitted=True
    ),
    # Also those that an operator sends.
    "deadline_reminder": Kind(
        _render_deadline_reminder,
        gettext_lazy("Reminders of missions to submit"),
        "missions",
        "bell",
        only_unsubmitted=True,
    ),
    "extension_requested": Kind(
        _render_extension_requested,
        gettext_lazy("Requests for more time"),
        "missions",
        "clock",
        email_by_default=False,
    ),
    "extension_decided": Kind(
        _render_extension_decided, gettext_lazy("Answers to requests for more time"), "missions", "clock"
    ),
    "review_digest": Kind(
        _render_review_digest, gettext_lazy("Reviews that wait, in the morning"), "missions", "scale"
    ),
    # Every push resubmits: too many for email by default.
    "submission_received": Kind(
        _render_submission_received,
        gettext_lazy("Submissions received"),
        "missions",
        "pr",
        email_by_default=False,
    ),
    "changes_requested": Kind(
        _render_changes_requested, gettext_lazy("Changes requested"), "missions", "edit"
    ),
    # GitHub mails approvals and merges itself.
    "submission_completed": Kind(
        _render_submission_completed,
        gettext_lazy("Missions completed on GitHub"),
        "missions",
        "check",
        email_by_default=False,
    ),
    "review_released": Kind(_render_review_released, gettext_lazy("Marks released"), "missions", "scale"),
    "thread_answered": Kind(
        _render_thread_answered, gettext_lazy("Answers to reviews"), "missions", "comment"
    ),
    # The next mail says that the marks have changed.
    "review_withdrawn": Kind(
        _render_review_withdrawn, gettext_lazy("Marks withdrawn"), "missions", "undo", email_by_default=False
    ),
}
# Not sent to who has submitted the mission since.
REMINDERS = {name for name, kind in KINDS.items() if kind.only_unsubmitted}


def kinds_in_group(group: str) -> list[str]:
    """Return the kinds of a group."""
    return [name for name, kind in KINDS.items() if kind.group == group]
