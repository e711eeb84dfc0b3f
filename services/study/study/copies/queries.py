"""Read models of copies: what can be chosen, and the work of the periodic task."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from study.cohorts.models import Cohort, Membership, Role
from study.copies.models import CohortCopy
from study.github.models import Repository


def people_to_invite(cohort: Cohort, *, account_id: UUID) -> list[Any]:
    """Return the cohort's other members by role and name, annotated with `name`. One query."""
    others = Membership.objects.live().with_open_account().filter(cohort=cohort)
    named = others.exclude(account_id=account_id).annotate(
        name=AccountMirror.objects.name_of(OuterRef("account_id"))
    )
    rows = list(named.select_related("part").order_by("name", "id"))
    return sorted(rows, key=lambda row: list(Role).index(row.role))


def person_label(membership: Any) -> str:
    """Return name, role and part of a membership with `name`."""
    parts = [display_name(membership.name), membership.get_role_display()]
    return " · ".join([*parts, membership.part.name] if membership.part else parts)


def repositories_of(cohort: Cohort) -> QuerySet[Repository]:
    """Return the repositories of the cohort's missions by name."""
    is_used = Q(missions__cohort=cohort) | Q(extra_missions__cohort=cohort)
    return Repository.objects.filter(is_used).distinct().order_by("name", "id")


def copies_of(cohort: Cohort) -> QuerySet[CohortCopy]:
    """Return the copies of the cohort, newest first."""
    return cohort.copies.order_by("-requested_at", "-id")


def copies_due(at: datetime, *, limit: int) -> list[UUID]:
    """Copies that are due, the longest due first. One statement."""
    rows = CohortCopy.objects.due(at).order_by("next_attempt_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])
