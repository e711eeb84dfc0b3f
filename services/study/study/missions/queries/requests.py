"""Requests for more time: a member's own, and those of a cohort for its operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import MAX_PAGE_SIZE, Page, page_of
from study.cohorts.models import Cohort, Membership
from study.missions.models import ExtensionRequest, Mission
from study.missions.queries.deadlines import deadlines_of

MAX_OWN = 20


def own_requests(mission: Mission, *, account_id: UUID) -> list[ExtensionRequest]:
    """Return the account's requests about the mission that were not withdrawn: the open one, then the newest.

    One statement, at most MAX_OWN.
    """
    mine = ExtensionRequest.objects.filter(mission=mission, account_id=account_id, withdrawn_at=None)
    return list(mine.order_by(F("decided_at").desc(nulls_first=True), "id")[:MAX_OWN])


@dataclass(frozen=True)
class RequestRow:
    """A request as operators see it, with the member's name and part, and the deadline in force now.

    The name of an unknown account is None; who left has neither part nor deadline.
    """

    request: Any
    name: str | None
    part: str
    due_at: datetime | None


def open_requests(
    cohort: Cohort, *, cursor: str | None = None, size: int = MAX_PAGE_SIZE
) -> Page[RequestRow]:
    """Return the open requests of the cohort's members, the oldest first. Five statements."""
    rows = cohort.extension_requests.open().of_live_members().select_related("mission")
    page = page_of(rows, order=("created_at", "id"), cursor=cursor, size=size)
    return Page(_rows(page.rows), page.next)


def decided_requests(cohort: Cohort, *, cursor: str | None = None, size: int = 25) -> Page[RequestRow]:
    """Return the decided requests of the cohort, those decided last first. Five statements."""
    rows = cohort.extension_requests.filter(decided_at__isnull=False).select_related("mission")
    page = page_of(rows, order=("-decided_at", "id"), cursor=cursor, size=size)
    return Page(_rows(page.rows), page.next)


def count_open_requests(cohort: Cohort) -> int:
    """Return how many requests of the cohort's members are open. One statement."""
    return cohort.extension_requests.open().of_live_members().count()


def _rows(requests: Sequence[ExtensionRequest]) -> list[RequestRow]:
    if not requests:
        return []
    accounts = {request.account_id for request in requests}
    names = AccountMirror.objects.names(accounts)
    memberships = Membership.objects.live().filter(cohort=requests[0].cohort_id, account_id__in=accounts)
    members = {member.account_id: member for member in memberships.select_related("part")}
    deadline_of = deadlines_of({request.mission for request in requests})
    rows = []
    for request in requests:
        member = members.get(request.account_id)
        rows.append(
            RequestRow(
                request=request,
                name=names.get(request.account_id),
                part=member.part.name if member and member.part else "",
                due_at=deadline_of(request.mission, member).at if member else None,
            )
        )
    return rows
