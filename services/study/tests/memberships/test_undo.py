from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chassis.errors import NotFound
from chassis.testing import NOW
from study.cohorts.models import AuditEntry, Membership
from study.memberships.actions.memberships import leave, update_membership
from study.memberships.actions.updates import (
    UNDO_LIFETIME,
    ChangedSince,
    delete_updates,
    undo_update,
    update_memberships,
)
from study.memberships.models import MembershipUpdate
from tests.conftest import ADA, BORIS, OLGA, STRANGER


@pytest.fixture
def update(club):
    """Ada and Boris are moved to the front end, of whom Boris is there already."""
    update_membership(
        membership=club.boris, role="mentor", part_id=club.frontend.id, team_id=None, by=OLGA, at=NOW
    )
    update_membership(
        membership=club.ada, role="member", part_id=club.backend.id, team_id=None, by=OLGA, at=NOW
    )
    update_id = uuid4()
    changes = {"part_id": club.frontend.id}
    ids = [club.ada.id, club.boris.id]
    update_memberships(
        cohort=club.cohort, membership_ids=ids, changes=changes, update_id=update_id, by=OLGA, at=NOW
    )
    return update_id


def part_of(membership):
    return Membership.objects.get(id=membership.id).part_id


def undo(club, update_id, *, at=NOW):
    return undo_update(cohort=club.cohort, update_id=update_id, by=OLGA, at=at)


def test_everybody_gets_back_their_part_and_the_log_says_so(club, update):
    assert part_of(club.ada) == club.frontend.id

    assert undo(club, update) == 1

    assert (part_of(club.ada), part_of(club.boris)) == (club.backend.id, club.frontend.id)
    entry = AuditEntry.objects.filter(kind="part", subject_id=ADA).order_by("id").last()
    assert entry is not None


def test_undoing_twice_undoes_once(club, update):
    undo(club, update)
    update_membership(membership=club.ada, role="member", part_id=None, team_id=None, by=OLGA, at=NOW)

    assert undo(club, update) == 1

    assert part_of(club.ada) is None


def test_nothing_is_undone_if_one_of_them_was_changed_since_or_has_left(club, update):
    update_membership(membership=club.ada, role="member", part_id=None, team_id=None, by=OLGA, at=NOW)
    with pytest.raises(ChangedSince):
        undo(club, update)
    assert part_of(club.ada) is None

    update_membership(
        membership=club.ada, role="member", part_id=club.frontend.id, team_id=None, by=OLGA, at=NOW
    )
    leave(membership=club.ada, by=OLGA, at=NOW)
    with pytest.raises(ChangedSince):
        undo(club, update)


def test_what_else_was_changed_of_them_stays(club, update):
    update_membership(
        membership=club.ada, role="mentor", part_id=club.frontend.id, team_id=None, by=OLGA, at=NOW
    )

    undo(club, update)

    ada = Membership.objects.get(id=club.ada.id)
    assert (ada.role, ada.part_id) == ("mentor", club.backend.id)


def test_it_can_be_undone_for_a_day_and_is_kept_no_longer(club, update):
    with pytest.raises(NotFound):
        undo(club, update, at=NOW + UNDO_LIFETIME)

    later = NOW + UNDO_LIFETIME + timedelta(minutes=1)
    update_memberships(
        cohort=club.cohort,
        membership_ids=[club.boris.id],
        changes={"part_id": None},
        update_id=uuid4(),
        by=OLGA,
        at=later,
    )
    assert not MembershipUpdate.objects.filter(update_id=update).exists()


def test_a_change_of_roles_cannot_be_undone(club):
    update_id = uuid4()
    update_memberships(
        cohort=club.cohort,
        membership_ids=[club.ada.id],
        changes={"role": "mentor"},
        update_id=update_id,
        by=OLGA,
        at=NOW,
    )
    with pytest.raises(NotFound):
        undo(club, update_id)


def test_nothing_is_kept_of_a_closed_account(update):
    delete_updates(account_id=ADA)
    assert not MembershipUpdate.objects.exists()


class TestThePage:
    @pytest.fixture(autouse=True)
    def now(self, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: NOW)

    def test_says_what_was_done_with_a_button_that_undoes_it(self, club, as_principal):
        olga = as_principal(OLGA)
        before = part_of(club.ada)
        path = f"/cohorts/{club.cohort.id}/members/"
        other = club.frontend if before != club.frontend.id else club.backend
        typed = {"membership_ids": [str(club.ada.id)], "part_id": str(other.id)}

        page = olga.post(f"{path}update/", typed, follow=True).content.decode()

        [record] = MembershipUpdate.objects.all()
        undo_path = f"{path}updates/{record.update_id}/undo/"
        assert f'action="{undo_path}"' in page
        page = olga.post(undo_path, follow=True).content.decode()
        assert "되돌렸어요. 1명이 변경 전과 같아요." in page
        assert "data-undo" not in page
        assert part_of(club.ada) == before

    def test_says_why_nothing_was_undone(self, club, as_principal, update):
        update_membership(membership=club.ada, role="member", part_id=None, team_id=None, by=OLGA, at=NOW)

        page = as_principal(OLGA).post(
            f"/cohorts/{club.cohort.id}/members/updates/{update}/undo/", follow=True
        )

        assert "되돌리지 않았어요." in page.content.decode()

    @pytest.mark.parametrize("who", [ADA, BORIS, STRANGER])
    def test_is_for_organizers(self, club, as_principal, update, who):
        answer = as_principal(who).post(f"/cohorts/{club.cohort.id}/members/updates/{update}/undo/")
        assert answer.status_code == 404
        assert part_of(club.ada) == club.frontend.id
