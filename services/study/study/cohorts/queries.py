"""Read models of cohorts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import (
    Case,
    Count,
    Exists,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Cohort, Membership, Role, Week

_PEOPLE = Count("memberships", filter=Q(memberships__left_at=None))


def my_cohorts(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return the account's memberships, annotated as by `my_cohort`.

    Those in running cohorts are the first, and of these the newest.
    """
    is_closed = Case(When(cohort__closed_at=None, then=0), default=1)
    memberships = _memberships(account_id).annotate(is_closed=is_closed)
    return page_of(memberships, order=("is_closed", "-joined_at", "-id"), cursor=cursor, size=size)


def my_cohort(cohort_id: UUID, *, account_id: UUID) -> Any:
    """Return the account's membership in a cohort, which must exist.

    Annotated with the cohort's `people`, `weeks`, and the first days `first_day` and `last_week_on` of
    its first and last week.
    """
    return _memberships(account_id).get(cohort_id=cohort_id)


def _memberships(account_id: UUID) -> QuerySet[Any]:
    people = Membership.objects.live().filter(cohort=OuterRef("cohort")).order_by().values("cohort")
    weeks = Week.objects.filter(cohort=OuterRef("cohort")).order_by().values("cohort")
    return (
        Membership.objects.live()
        .filter(account_id=account_id)
        .select_related("cohort", "part")
        .annotate(
            people=Subquery(people.annotate(n=Count("id")).values("n")),
            weeks=Coalesce(Subquery(weeks.annotate(n=Count("id")).values("n")), 0),
            first_day=Subquery(weeks.annotate(day=Min("starts_on")).values("day")),
            last_week_on=Subquery(weeks.annotate(day=Max("starts_on")).values("day")),
        )
    )


def open_join_requests(account_id: UUID) -> list[Any]:
    """Return the account's requests to join that wait, with their cohort. One query."""
    found: list[Any] = import_string(settings.OPEN_JOIN_REQUESTS)(account_id)
    return found


def operated_cohorts(account_id: UUID) -> list[Cohort]:
    """Return the cohorts that the account operates, the newest first. One query."""
    theirs = Membership.objects.live().filter(account_id=account_id, role=Role.OPERATOR)
    return list(Cohort.objects.filter(id__in=theirs.values("cohort")).order_by("-opened_at", "-id"))


def count_without_operator() -> int:
    """Count the cohorts of the installation without an operator."""
    operators = Membership.objects.live().with_open_account().filter(role=Role.OPERATOR)
    return Cohort.objects.exclude(Exists(operators.filter(cohort=OuterRef("id")))).count()


def parts_of(cohort: Cohort) -> list[Any]:
    """Return the cohort's parts by position, annotated with their number of members `people`."""
    return list(cohort.parts.annotate(people=_PEOPLE).order_by("position", "id"))


def teams_of(cohort: Cohort) -> list[Any]:
    """Return the cohort's teams by name, annotated with their number of members `people`.

    And with the name of the `mentor`, None if nobody who reviews here is one.
    """
    reviewers = Membership.objects.reviewers().filter(
        cohort=OuterRef("cohort"), account_id=OuterRef("mentor_id")
    )
    mentor = Case(When(Exists(reviewers), then=AccountMirror.objects.name_of(OuterRef("mentor_id"))))
    is_member = Q(team=OuterRef("id")) | Q(study_team=OuterRef("id"))
    people = (
        Membership.objects.live().filter(is_member, cohort=OuterRef("cohort")).order_by().values("cohort")
    )
    count = Coalesce(Subquery(people.annotate(n=Count("id")).values("n")), 0)
    return list(cohort.teams.annotate(people=count, mentor=mentor).order_by("name", "id"))


def reviewers_of(cohort: Cohort) -> list[tuple[UUID, str]]:
    """Return the cohort's mentors and operators by name: their accounts and names."""
    reviewers = Membership.objects.reviewers().filter(cohort=cohort)
    named = reviewers.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    rows = named.order_by("name", "id").values_list("account_id", "name")
    return [(account_id, display_name(name)) for account_id, name in rows]


def weeks_of(cohort: Cohort) -> list[Week]:
    """Return the cohort's weeks by number."""
    return list(cohort.weeks.order_by("number"))


def cohorts_to_hand_over(account_id: UUID) -> list[Cohort]:
    """Return cohorts whose only operator is this account and that have other members, by title. One query."""
    others = (
        Membership.objects.live()
        .with_open_account()
        .filter(cohort=OuterRef("cohort"))
        .exclude(account_id=account_id)
    )
    sole_operators = (
        Membership.objects.live()
        .filter(Exists(others), account_id=account_id, role=Role.OPERATOR)
        .exclude(Exists(others.filter(role=Role.OPERATOR)))
    )
    return list(Cohort.objects.filter(id__in=sole_operators.values("cohort")).order_by("title", "id"))


def all_cohorts(*, cursor: str | None, size: int) -> Page[Cohort]:
    """Return a page of all cohorts with their parts. Two queries."""
    return page_of(Cohort.objects.prefetch_related("parts"), order=("id",), cursor=cursor, size=size)


def all_memberships(*, cursor: str | None, size: int) -> Page[Membership]:
    """Return a page of all memberships, also ended ones. One query."""
    return page_of(Membership.objects.all(), order=("id",), cursor=cursor, size=size)
