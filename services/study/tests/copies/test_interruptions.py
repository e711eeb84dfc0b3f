"""What is interrupted, fails or is not allowed any more leaves nothing of a cohort."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chassis.account_mirror.models import AccountMirror
from chassis.events.models import OutboxEvent
from study.announcements.models import AnnouncementDraft
from study.cohorts.models import AuditEntry, Cohort, Membership, Part, Role, Team, Week
from study.copies import actions
from study.copies.models import CohortCopy, CopyState
from study.copies.tasks import create_copied_cohorts
from study.github.models import Repository
from study.memberships.models import Invitation
from study.missions.models import Level, Mission
from tests.conftest import BORIS, OLGA
from tests.copies.conftest import start

pytestmark = pytest.mark.django_db
COHORTS = (Cohort, Part, Team, Week, Membership, AuditEntry)
OTHERS = (Repository, Mission, Level, AnnouncementDraft, Invitation, OutboxEvent)


def counts() -> list[int]:
    return [model.objects.count() for model in (*COHORTS, *OTHERS)]


class Interruption:
    """Ends what runs before a statement that contains all of these texts, the n-th of them."""

    def __init__(self, *texts: str, number: int = 1, error: type[BaseException] = SystemExit) -> None:
        self.texts, self.left, self.error = texts, number, error

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if all(text in sql for text in self.texts):
            self.left -= 1
            if self.left == 0:
                raise self.error
        return execute(sql, params, many, context)


@pytest.mark.parametrize(
    ("table", "number"),
    [
        ("cohorts_cohort", 1),
        ("cohorts_team", 1),
        ("cohorts_week", 1),
        ("cohorts_auditentry", 13),
        ("announcements_announcementdraft", 1),
        ("missions_mission_extra_repositories", 1),
        ("missions_level", 1),
        ("memberships_invitation", 31),
        ("events_outboxevent", 50),
    ],
)
def test_a_kill_in_the_middle_leaves_nothing_half_made(
    table: str, number: int, former: SimpleNamespace, olga: Any
) -> None:
    chosen = Membership.objects.filter(cohort=former.cohort).exclude(account_id=OLGA)
    start(olga, former.cohort, people=[str(person.id) for person in chosen])
    before = counts()

    interruption = Interruption("INSERT", table, number=number)
    with pytest.raises(SystemExit), connection.execute_wrapper(interruption):
        create_copied_cohorts()

    assert counts() == before
    copy = CohortCopy.objects.get()
    assert (copy.state, copy.attempts) == (CopyState.WAITING, 1)
    create_copied_cohorts()
    assert CohortCopy.objects.get().state == CopyState.WAITING, "the worker may still be at it"

    actions.create_copied_cohort(copy_id=copy.id, at=timezone.now() + actions.LEASE)
    actions.create_copied_cohort(copy_id=copy.id, at=timezone.now() + 2 * actions.LEASE)

    assert CohortCopy.objects.get().state == CopyState.DONE
    assert Cohort.objects.filter(title="17기").count() == 1
    assert Invitation.objects.count() == 59


def test_what_fails_again_and_again_is_given_up(former: SimpleNamespace, olga: Any) -> None:
    start(olga, former.cohort)
    copy_id = CohortCopy.objects.get().id
    at = timezone.now()

    for _attempt in range(actions.MAX_ATTEMPTS):
        interruption = Interruption("INSERT", "missions_mission", error=RuntimeError)
        with pytest.raises(RuntimeError), connection.execute_wrapper(interruption):
            actions.create_copied_cohort(copy_id=copy_id, at=at)
        at += actions.LEASE
    actions.create_copied_cohort(copy_id=copy_id, at=at)

    assert CohortCopy.objects.get().state == CopyState.FAILED
    assert not Cohort.objects.filter(title="17기").exists()


def test_an_operator_no_more_gets_no_cohort(former: SimpleNamespace, olga: Any) -> None:
    start(olga, former.cohort)
    Membership.objects.filter(id=former.olga.id).update(role=Role.MEMBER)

    create_copied_cohorts()

    assert CohortCopy.objects.get().state == CopyState.FAILED
    assert not Cohort.objects.filter(title="17기").exists()


def test_who_left_or_closed_the_account_since_is_not_invited(former: SimpleNamespace, olga: Any) -> None:
    start(olga, former.cohort, people=[str(former.ada.id), str(former.boris.id)])
    Membership.objects.filter(id=former.ada.id).update(left_at=timezone.now())
    AccountMirror.objects.filter(account_id=BORIS).update(closed=True)

    create_copied_cohorts()

    assert CohortCopy.objects.get().state == CopyState.DONE
    assert not Invitation.objects.exists()
