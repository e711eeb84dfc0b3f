from __future__ import annotations

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.memberships.actions.invitations import PartNotInCohort
from study.memberships.actions.memberships import LastOperator, TeamNotInCohort, leave, update_membership
from tests.conftest import CLARA, OLGA


def second_operator(club) -> Membership:
    return Membership.objects.create(cohort=club.cohort, account_id=CLARA, role=Role.OPERATOR, joined_at=NOW)


def test_a_new_role_is_published_and_a_new_part_is_not(club, published):
    fields = {"part_id": club.frontend.id, "team_id": None, "at": NOW}

    moved = update_membership(membership=club.ada, role=Role.MEMBER, **fields, by=OLGA)
    assert (moved.part, moved.team, moved.version) == (club.frontend, None, 1)
    assert not published("study.membership_changed.v1")

    raised = update_membership(membership=club.ada, role=Role.MENTOR, **fields, by=OLGA)
    [payload] = published("study.membership_changed.v1")
    assert (payload["role"], payload["version"], raised.version) == ("mentor", 2, 2)


def test_parts_and_teams_of_another_cohort_are_refused_at_their_field(club):
    part = club.other.parts.create(name="남의 파트", position=1)
    team = club.other.teams.create(name="남의 팀")

    with pytest.raises(PartNotInCohort) as refused:
        update_membership(
            membership=club.ada, role=Role.MEMBER, part_id=part.id, team_id=None, at=NOW, by=OLGA
        )
    assert refused.value.field == "part_id"
    with pytest.raises(TeamNotInCohort) as refused_too:
        update_membership(
            membership=club.ada, role=Role.MEMBER, part_id=None, team_id=team.id, at=NOW, by=OLGA
        )
    assert refused_too.value.field == "team_id"


def test_the_last_operator_neither_leaves_nor_becomes_something_else(club, published):
    with pytest.raises(LastOperator):
        leave(membership=club.olga, at=NOW, by=OLGA)
    with pytest.raises(LastOperator):
        update_membership(membership=club.olga, role=Role.MENTOR, part_id=None, team_id=None, at=NOW, by=OLGA)

    assert not published("study.membership_changed.v1")
    second_operator(club)
    assert leave(membership=club.olga, at=NOW, by=OLGA).left_at == NOW


def test_leaving_is_published_once_and_keeps_the_membership(club, published):
    leave(membership=club.ada, at=NOW, by=OLGA)
    leave(membership=club.ada, at=NOW, by=OLGA)

    [payload] = published("study.membership_changed.v1")
    assert (payload["membership_id"], payload["left"], payload["version"]) == (str(club.ada.id), True, 2)
    kept = Membership.objects.get(id=club.ada.id)
    assert (kept.part, kept.left_at) == (club.backend, NOW)
