"""What a cohort's settings are, for their index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from study.cohorts.models import Cohort, Part, Team, Week
from study.cohorts.rules import WEEK
from study.github.models import Webhook
from study.installations.models import Installation
from study.installations.queries import lost_installations
from study.memberships.models import Invitation, InvitationState, JoinRequest


@dataclass(frozen=True)
class SettingsState:
    """What a cohort has: how many of each, the last day of its last week, and how GitHub is connected."""

    parts: int
    teams: int
    weeks: int
    last_day: date | None
    open_invitations: int
    join_requests: int
    has_app: bool
    has_webhook: bool
    # The App was removed or suspended where the cohort's repositories are.
    has_lost_app: bool


def settings_state(cohort: Cohort, *, at: datetime) -> SettingsState:
    """Return the state of the cohort's settings. Three statements at most."""
    invitations = Invitation.objects.with_state(at).filter(Q(state=InvitationState.OPEN))
    last_weeks = _rows_of_cohort(Week.objects.all()).annotate(day=Max("starts_on")).values("day")
    facts = Cohort.objects.filter(id=cohort.id).values_list(
        _count(Part.objects.all()),
        _count(Team.objects.all()),
        _count(Week.objects.all()),
        Subquery(last_weeks),
        _count(invitations),
        _count(JoinRequest.objects.filter(open=1)),
        Exists(Installation.objects.active()),
        Exists(Webhook.objects.filter(cohort=OuterRef("id"))),
    )
    parts, teams, weeks, last_week_on, open_invitations, join_requests, has_app, has_webhook = facts.get()
    return SettingsState(
        parts=parts,
        teams=teams,
        weeks=weeks,
        last_day=last_week_on and last_week_on + WEEK - timedelta(days=1),
        open_invitations=open_invitations,
        join_requests=join_requests,
        has_app=has_app,
        has_webhook=has_webhook,
        has_lost_app=bool(lost_installations(cohort.id)),
    )


def _rows_of_cohort(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.filter(cohort=OuterRef("id")).order_by().values("cohort")


def _count(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(_rows_of_cohort(rows).annotate(n=Count("id")).values("n")), 0)
