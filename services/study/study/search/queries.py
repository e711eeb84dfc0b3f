"""Search in a cohort, within what a membership may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import Page, page_of
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
    """Return what contains the text, of rules.clean_text and not "". Up to ten statements.

    Everybody finds members, missions as their list has them, and announcements that are for them; members the
    text of missions only once they are open, and their own submissions; mentors and operators all. Each
    statement reads the rows of one cohort: a substring has no index, in MySQL or SQLite (docs/adr/0053).
    """
    return Found(
        members=_group(members(membership, search=text, size=MAX_ROWS)),
        missions=_group(_missions(membership, text, now=now)),
        submissions=_group(_submissions(membership, text)),
        announcements=_group(_announcements(membership, text)),
    )


def _missions(membership: Membership, text: str, *, now: datetime) -> Page[Any]:
    missions = Mission.objects.filter(cohort=membership.cohort_id).for_membership(membership)
    rows: QuerySet[Any] = missions.visible_to(membership).select_related("part", "team")
    # MySQL's comparison is case-sensitive, so both sides are lowered.
    rows = rows.annotate(title_lower=Lower("title"), body_lower=Lower("body"))
    in_body = Q(body_lower__contains=text)
    if membership.role == Role.MEMBER:
        in_body &= Q(opens_at__lte=now)
    return page_of(
        rows.filter(Q(title_lower__contains=text) | in_body), order=("-due_at", "id"), size=MAX_ROWS
    )


def _submissions(membership: Membership, text: str) -> Page[Any]:
    cohort_id = membership.cohort_id
    name = AccountMirror.objects.name_of(OuterRef("account_id"))
    rows = Submission.objects.filter(mission__cohort=cohort_id).annotate(name=name)
    if membership.role == Role.MEMBER:
        rows = rows.filter(account_id=membership.account_id)
    # Each name and title is compared once, not with each submission.
    people = Membership.objects.filter(cohort=cohort_id).annotate(name_lower=Lower(name))
    missions = Mission.objects.filter(cohort=cohort_id).annotate(title_lower=Lower("title"))
    found = Q(membership__in=list(people.filter(name_lower__contains=text).values_list("id", flat=True)))
    found |= Q(mission__in=list(missions.filter(title_lower__contains=text).values_list("id", flat=True)))
    rows = rows.annotate(pull_request_lower=Lower("pull_request__title"))
    found |= Q(pull_request_lower__contains=text)
    rows = rows.filter(found).select_related("mission", "pull_request")
    return page_of(rows, order=("-created_at", "-id"), size=MAX_ROWS)


def _announcements(membership: Membership, text: str) -> Page[Any]:
    rows = visible_announcements(membership).annotate(title_lower=Lower("title"), body_lower=Lower("body"))
    found = Q(title_lower__contains=text) | Q(body_lower__contains=text)
    return page_of(rows.filter(found), order=("-published_at", "id"), size=MAX_ROWS)


def _group(page: Page[Any]) -> Group:
    return Group(page.rows, page.next is not None)
