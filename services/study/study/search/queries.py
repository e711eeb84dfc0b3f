"""Search in a cohort, within what a membership may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from chassis.account_mirror.models import AccountMirror
from study.announcements.queries import visible_announcements
from study.cohorts.models import Membership, Role
from study.memberships.queries import members
from study.missions.models import Mission
from study.submissions.models import Submission

# Of each group; a longer list is one of the cohort's pages.
MAX_ROWS = 10


@dataclass(frozen=True)
class Group:
    """The rows of one kind that were found. `has_more`: there are others."""

    rows: list[Any]
    has_more: bool


@dataclass(frozen=True)
class Found:
    """What was found, by kind."""

    members: Group
    missions: Group
    submissions: Group
    announcements: Group

    @property
    def groups(self) -> tuple[Group, ...]:
        return (self.members, self.missions, self.submissions, self.announcements)

    @property
    def count(self) -> int:
        """Return how many rows are shown."""
        return sum(len(group.rows) for group in self.groups)


def search(membership: Membership, *, text: str, now: datetime) -> Found:
    """Return what contains the text, of rules.clean_text and not "". Five statements.

    Everybody finds members, missions as their list has them, and announcements that are for them; members the
    text of missions only once they are open, and their own submissions; mentors and operators all. Each
    statement reads the rows of one cohort: a substring has no index, in MySQL or SQLite (docs/adr/0053).
    """
    people = members(membership, search=text, size=MAX_ROWS)
    return Found(
        members=Group(people.rows, people.next is not None),
        missions=_group(_missions(membership, text, now=now)),
        submissions=_group(_submissions(membership, text)),
        announcements=_group(_announcements(membership, text)),
    )


def _missions(membership: Membership, text: str, *, now: datetime) -> QuerySet[Any]:
    missions = Mission.objects.filter(cohort=membership.cohort_id).for_membership(membership)
    rows: QuerySet[Any] = missions.visible_to(membership).select_related("part", "team")
    # MySQL's comparison is case-sensitive, so both sides are lowered.
    rows = rows.annotate(title_lower=Lower("title"), body_lower=Lower("body"))
    in_body = Q(body_lower__contains=text)
    if membership.role == Role.MEMBER:
        in_body &= Q(opens_at__lte=now)
    return rows.filter(Q(title_lower__contains=text) | in_body).order_by("-due_at", "id")


def _submissions(membership: Membership, text: str) -> QuerySet[Any]:
    rows = Submission.objects.filter(mission__cohort=membership.cohort_id)
    if membership.role == Role.MEMBER:
        rows = rows.filter(account_id=membership.account_id)
    name = AccountMirror.objects.name_of(OuterRef("account_id"))
    rows = rows.annotate(
        name=name,
        name_lower=Lower(name),
        mission_lower=Lower("mission__title"),
        pull_request_lower=Lower("pull_request__title"),
    )
    found = Q(mission_lower__contains=text) | Q(pull_request_lower__contains=text)
    found |= Q(name_lower__contains=text)
    return rows.filter(found).select_related("mission", "pull_request").order_by("-created_at", "-id")


def _announcements(membership: Membership, text: str) -> QuerySet[Any]:
    rows = visible_announcements(membership).annotate(title_lower=Lower("title"), body_lower=Lower("body"))
    found = Q(title_lower__contains=text) | Q(body_lower__contains=text)
    return rows.filter(found).order_by("-published_at", "id")


def _group(rows: QuerySet[Any]) -> Group:
    found = list(rows[: MAX_ROWS + 1])
    return Group(found[:MAX_ROWS], len(found) > MAX_ROWS)
