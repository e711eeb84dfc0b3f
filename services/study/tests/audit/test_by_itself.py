"""What a delivery, an earlier membership, or a page changes is in the audit log; what is undone is not."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.cohorts.models import AuditEntry, AuditKind, Membership, Role
from study.github.models import PullRequest
from study.memberships.actions.memberships import leave
from study.missions.actions.missions import update_mission
from study.missions.actions.rubrics import BadRubric
from study.submissions.actions.matching import match_pull_request
from tests.conftest import ADA, CLARA, CONSENT, OLGA
from tests.github.payloads import minutes, person, pull_request
from tests.missions.conftest import criterion, mission_fields, vote  # noqa: F401
from tests.submissions.conftest import ingest, mission  # noqa: F401


def entries(kind: AuditKind) -> list[tuple[Any, ...]]:
    """Actor, subject, before and after of the entries of this kind."""
    rows = AuditEntry.objects.filter(kind=kind).order_by("at")
    return list(rows.values_list("actor_id", "subject_id", "before", "after"))


def test_a_delivery_pins_a_login_and_writes_it_once(club, mission, ingest):  # noqa: F811
    for n in (1, 2):
        ingest("pull_request", pull_request(number=61, user=person(101, "Ada-Codes")), at=minutes(n))

    club.ada.refresh_from_db()
    assert club.ada.github_id == 101
    assert entries(AuditKind.GITHUB) == [(None, ADA, "", "ada-codes")]


def test_an_operator_who_matches_a_pull_request_pins_its_author(club, mission, ingest):  # noqa: F811
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None, github_login="")
    ingest("pull_request", pull_request(number=61, user=person(999, "Hanbit-Dev")))

    match_pull_request(pull_request=PullRequest.objects.get(), membership=club.ada, by=OLGA, at=NOW)

    assert entries(AuditKind.GITHUB) == [(OLGA, ADA, "", "hanbit-dev")]


def test_who_joins_again_keeps_a_login_by_itself(club, api_as):
    Membership.objects.filter(id=club.ada.id).update(github_id=999, github_login="ada-codes")
    leave(membership=club.ada, by=ADA, at=NOW)
    part = str(club.backend.id)
    body = {"role": "member", "part_id": part, "expires_at": "2099-01-01T00:00:00Z", "max_uses": 3}
    made = api_as(OLGA).post(f"/api/v1/study/cohorts/{club.cohort.id}/invitations", body).json()

    assert api_as(ADA).post(f"/api/v1/study{made['path'].rstrip('/')}", CONSENT).status_code == 201

    assert entries(AuditKind.GITHUB) == [(None, ADA, "", "ada-codes")]
    assert sorted(entries(AuditKind.ROLE)) == [(ADA, ADA, "", "member"), (ADA, ADA, "member", "")]


def test_who_chooses_a_part_on_its_page(club, as_principal):
    Membership.objects.create(cohort=club.cohort, account_id=CLARA, role=Role.MEMBER, joined_at=NOW)
    page = f"/cohorts/{club.cohort.id}/me/part/"

    for _ in range(2):
        assert as_principal(CLARA).post(page, {"part_id": str(club.frontend.id)}).status_code == 302

    assert entries(AuditKind.PART) == [(CLARA, CLARA, "", "프론트엔드")]


def test_a_change_that_is_undone_leaves_no_entry(club, vote, mission_fields):  # noqa: F811
    before = AuditEntry.objects.count()
    bad = mission_fields | {"title": "다른 제목", "rubric": [criterion("하나", {1: "있음"})]}

    with pytest.raises(BadRubric):
        update_mission(mission=vote, by=OLGA, at=NOW, **bad)

    assert AuditEntry.objects.count() == before
