"""From a mission's id and an account to the mission and the account's membership, or NotFound.

The address of a page names the mission's cohort, that of the API does not.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists

from study.cohorts.access import get_or_not_found, has_role, in_cohort
from study.cohorts.models import Membership, Role
from study.missions.models import Extension, Mission, is_scored


def mission_for_member(
    mission_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> tuple[Mission, Membership]:
    """The mission as the membership sees it, and the membership with its cohort and part. Two queries.

    NotFound also for a mission of a team that is not theirs.
    """
    memberships = Membership.objects.live().select_related("cohort", "part", "team")
    membership = get_or_not_found(
        memberships, in_cohort(cohort_id), cohort__missions=mission_id, account_id=account_id
    )
    missions = Mission.objects.for_membership(membership).visible_to(membership)
    missions = missions.select_related("part", "team", "week", "github_repository")
    # It may have been deleted between the two queries.
    mission = get_or_not_found(missions, id=mission_id)
    mission.cohort = membership.cohort
    return mission, membership


def mission_for_operator(mission_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None) -> Mission:
    """The mission for operators of its cohort, with the cohort. One query.

    `is_scored` says whether a review, even a draft, scores by its rubric, so that it stays.
    """
    annotations: dict[str, Exists] = {"is_scored": is_scored()}
    missions = Mission.objects.select_related("cohort", "part", "week", "github_repository").annotate(
        **annotations
    )
    is_operator = has_role(account_id, Role.OPERATOR)
    return get_or_not_found(missions, in_cohort(cohort_id), is_operator, id=mission_id)


def extension_for_operator(
    mission_id: UUID, extension_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> Extension:
    """An extension of a mission of a cohort that this account runs, with its mission. Two queries."""
    mission = mission_for_operator(mission_id, account_id=account_id, cohort_id=cohort_id)
    extension = get_or_not_found(mission.extensions.all(), id=extension_id)
    extension.mission = mission
    return extension
