"""Read models of personal repositories and of their creation, and the work of periodic tasks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Cohort
from study.github.models import Repository
from study.github.queries import POLL_INTERVAL_WITH_WEBHOOK, POLL_INTERVAL_WITHOUT_WEBHOOK, has_live_webhook
from study.memberships.queries import members_to_invite
from study.repositories.models import CreationState, RepositoryCreation, TemplateRun
from study.repositories.rules import CREATION_ERRORS, repository_name


@dataclass(frozen=True)
class CreationPlan:
    """What a run would create: members with the names of their repositories, and members it leaves out."""

    created: list[tuple[str, str]]
    skipped: list[str]
    # How many members the run has already.
    present: int


@dataclass(frozen=True)
class Progress:
    """How far a run is. `waits_until` is when GitHub is asked next, if nothing is due before."""

    total: int
    done: int
    failed: int
    waits_until: datetime | None

    @property
    def is_complete(self) -> bool:
        return self.done + self.failed == self.total


def patterns(cohort: Cohort) -> QuerySet[Any]:
    """Return the cohort's patterns by name, with the number of `found` repositories and `unassigned` ones."""
    rows = Repository.objects.filter(cohort=cohort, name__endswith="*")
    unassigned = Count("repositories", filter=Q(repositories__member=None))
    return rows.annotate(found=Count("repositories"), unassigned=unassigned).order_by("name", "id")


def personal_repositories(
    cohort_id: UUID, *, is_unassigned: bool | None = None, cursor: str | None = None, size: int = 50
) -> Page[Any]:
    """Return the cohort's personal repositories by name, annotated with `member_name`. Two statements."""
    rows = Repository.objects.filter(cohort_id=cohort_id, pattern__isnull=False)
    if is_unassigned is not None:
        rows = rows.filter(member__isnull=is_unassigned)
    named = rows.annotate(member_name=AccountMirror.objects.name_of(OuterRef("member__account_id")))
    return page_of(named, order=("name", "id"), cursor=cursor, size=size)


def member_choices(cohort_id: UUID) -> list[tuple[UUID, str]]:
    """Return the members of the cohort to choose from, by name, with their GitHub logins. One statement."""
    return [
        (
            member.id,
            f"{display_name(member.name)} ({member.login})" if member.login else display_name(member.name),
        )
        for member in members_to_invite(cohort_id)
    ]


def plan_creation(pattern: Repository, *, template: str, prefix: str, part_id: UUID | None) -> CreationPlan:
    """Return what a run would create, besides what it has created already. Two statements."""
    owner = pattern.name.partition("/")[0]
    same = RepositoryCreation.objects.filter(run__pattern=pattern, run__template=template, run__prefix=prefix)
    present = set(same.values_list("member_id", flat=True))
    members = [
        member for member in members_to_invite(pattern.cohort_id, part_id=part_id) if member.id not in present
    ]
    return CreationPlan(
        created=[
            (display_name(member.name), repository_name(owner=owner, prefix=prefix, login=member.login))
            for member in members
            if member.login
        ],
        skipped=[display_name(member.name) for member in members if not member.login],
        present=len(present),
    )


def template_runs(cohort: Cohort) -> QuerySet[Any]:
    """Return the cohort's runs, newest first, with the numbers of all creations, `done` and `failed` ones."""
    return (
        TemplateRun.objects.filter(cohort=cohort)
        .select_related("pattern")
        .annotate(
            total=Count("creations"),
            done=Count("creations", filter=Q(creations__state=CreationState.DONE)),
            failed=Count("creations", filter=Q(creations__state=CreationState.FAILED)),
        )
        .order_by("-created_at", "-id")
    )


def creations(run: TemplateRun) -> list[Any]:
    """Return the creations of a run by the members' names, those that failed first. One statement.

    Annotated with `member_name`, and `problem`: why it failed and what to do, or "".
    """
    named = run.creations.annotate(member_name=AccountMirror.objects.name_of(OuterRef("member__account_id")))
    rows: list[Any] = list(named.order_by("member_name", "id"))
    for row in rows:
        row.problem = row.error_code and str(
            CREATION_ERRORS[row.error_code](
                template=run.template, owner=run.owner, name=row.name, login=row.login
            )
        )
    return sorted(rows, key=lambda row: row.state != CreationState.FAILED)


def progress_of(rows: list[Any], *, at: datetime) -> Progress:
    """Return how far a run with these creations is. No statement."""
    states = Counter(row.state for row in rows)
    due = [row.next_attempt_at for row in rows if row.next_attempt_at]
    waits_until = min(due, default=at)
    return Progress(
        total=len(rows),
        done=states[CreationState.DONE],
        failed=states[CreationState.FAILED],
        waits_until=waits_until if waits_until > at else None,
    )


def members_without_login(run: TemplateRun) -> list[str]:
    """Return the names of the cohort's members whose GitHub login is not known. One statement."""
    return [display_name(member.name) for member in members_to_invite(run.cohort_id) if not member.login]


def creations_due(at: datetime, *, limit: int) -> list[int]:
    """Creations that are due, the longest due first. One statement."""
    rows = RepositoryCreation.objects.due(at).filter(run__cohort__closed_at=None)
    return list(rows.order_by("next_attempt_at", "id").values_list("id", flat=True)[:limit])


def patterns_to_poll(at: datetime, *, limit: int) -> list[UUID]:
    """Patterns that are due for a poll, often without a live webhook, else rarely. One statement."""
    often, seldom = at - POLL_INTERVAL_WITHOUT_WEBHOOK, at - POLL_INTERVAL_WITH_WEBHOOK
    is_due = Q(polled_at=None) | Q(polled_at__lt=seldom) | Q(polled_at__lt=often, has_live_webhook=False)
    rows = Repository.objects.annotate(has_live_webhook=has_live_webhook(at)).filter(name__endswith="*")
    return list(
        rows.filter(is_due, cohort__closed_at=None)
        .order_by(F("polled_at").asc(nulls_first=True), "id")
        .values_list("id", flat=True)[:limit]
    )
