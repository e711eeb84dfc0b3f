"""The missions of a cohort, and one of them."""

from __future__ import annotations

from uuid import UUID

from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chassis.web.auth import PageRequest, signed_in
from study.cohorts.access import membership_for_member
from study.cohorts.models import Membership, Part, Role
from study.cohorts.queries import parts_of
from study.missions import access
from study.missions.queries.missions import MissionRow, missions_by_week
from study.missions.rules.markdown import render_markdown
from study.missions.rules.repositories import repository_url


@signed_in("GET")
def missions(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """All of a cohort's missions by week, or those of one part. Members begin with their own part's."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    parts = parts_of(membership.cohort)
    part_id = _selected_part(request, membership, parts)

    rows = missions_by_week(membership, part_id=part_id, now=timezone.now())

    page = {
        "membership": membership,
        "cohort": membership.cohort,
        "runs": membership.role == Role.OPERATOR,
        "parts": parts,
        "part_id": part_id,
        "rows": rows,
    }
    return render(request, "missions/list.html", page)


# Texts may load images from other origins by https, and nothing else.
@csp_update({"img-src": ["https:"]})  # type: ignore[arg-type]
@signed_in("GET")
def detail(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """What there is to do, by when, how it is handed in and scored."""
    mission, membership = access.mission_for_member(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    row = MissionRow(mission, membership, timezone.now())

    page = {
        "membership": membership,
        "cohort": membership.cohort,
        "mission": mission,
        "row": row,
        "runs": membership.role == Role.OPERATOR,
        "body": render_markdown(row.body),
        "repository_url": repository_url(row.repository),
        "other_repositories": [(name, repository_url(name)) for name in row.other_repositories],
        "login": membership.github_login,
        "rubric": row.rubric(),
    }
    return render(request, "missions/detail.html", page)


def _selected_part(request: PageRequest, membership: Membership, parts: list[Part]) -> UUID | None:
    selected = request.GET.get("part")
    if selected is None:
        return membership.part_id
    # A part that there is not shows all, as "all" does.
    return next((part.id for part in parts if str(part.id) == selected), None)
