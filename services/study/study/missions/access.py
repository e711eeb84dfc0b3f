"""From a mission's id and an account to the mission and the account's membership, or NotFound."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from chassis.errors import NotFound
from study.cohorts.models import Membership, Role
from study.missions.models import Extension, Mission, is_scored


def mission_for_member(mission_id: UUID, *, account_id: UUID) -> tuple[Mission, Membership]:
    """The mission as the membership sees it, and the membership with its cohort and part. Two queries."""
    memberships = Membership.objects.live().select_related("cohort", "part", "team")
    membership = memberships.filter(cohort__missions=mission_id, account_id=account_id).first()
    if membership is None:
        raise NotFound
    missions = Mission.objects.for_membership(membership).select_related("part", "week", "github_repository")
    mission = missions.filter(id=mission_id).first()
    if mission is None:
        # It was deleted between the two questions.
        raise NotFound
    mission.cohort = membership.cohort
    return mission, membership


def mission_for_operator(mission_id: UUID, *, account_id: UUID) -> Mission:
    """The mission for operators of its cohort, with the cohort. One query.

    `is_scored` says whether a review, even a draft, scores by its rubric, so that it stays.
    """
    memberships = Membership.objects.live().filter(
        cohort_id=OuterRef("cohort_id"), account_id=account_id, role=Role.OPERATOR
    )
    annotations: dict[str, Exists] = {"is_scored": is_scored()}
    missions = Mission.objects.select_related("cohort", "part", "week", "github_repository").annotate(
        **annotations
    )
    mission = missions.filter(Exists(memberships), id=mission_id).first()
    if mission is None:
        raise NotFound
    return mission


def extension_for_operator(mission_id: UUID, extension_id: UUID, *, account_id: UUID) -> Extension:
    """An extension of a mission of a cohort that this account runs, with its mission. Two queries."""
    mission = mission_for_operator(mission_id, account_id=account_id)
    extension = mission.extensions.filter(id=extension_id).first()
    if extension is None:
        raise NotFound
    extension.mission = mission
    return extension
