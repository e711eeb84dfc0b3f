"""Every change of what the audit log lists, driven by REST, writes who changed what, from what to what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from study.cohorts.models import AuditEntry, AuditKind, Membership, Role
from study.github.models import Repository
from study.memberships.actions.invitations import create_invitation
from tests.conftest import ADA, BORIS, CLARA, CONSENT, OLGA, STRANGER
from tests.missions.conftest import RUBRIC, criterion, everyones, mission_fields, vote  # noqa: F401
from tests.reviews.conftest import work  # noqa: F401

BASE = "/api/v1/study"


def entries(*kinds: AuditKind, field: str | None = None) -> list[tuple[Any, ...]]:
    """Actor, subject, field, about, before and after of the entries of these kinds."""
    rows = AuditEntry.objects.filter(kind__in=kinds).order_by("at", "kind", "field")
    if field is not None:
        rows = rows.filter(field=field)
    return list(rows.values_list("actor_id", "subject_id", "field", "about", "before", "after"))


@pytest.fixture
def olga(api_as):
    return api_as(OLGA)


@pytest.fixture
def cohort(club):
    return f"{BASE}/cohorts/{club.cohort.id}"


def test_role_part_and_team_of_a_member(club, cohort, olga):
    body = {"role": "mentor", "part_id": str(club.frontend.id), "team_id": None}

    assert olga.put(f"{cohort}/members/{club.ada.id}", body).status_code == 200

    assert entries(AuditKind.ROLE) == [(OLGA, ADA, "", "", "member", "mentor")]
    assert entries(AuditKind.PART) == [(OLGA, ADA, "", "", "백엔드", "프론트엔드")]
    assert entries(AuditKind.TEAM) == [(OLGA, ADA, "team", "", "1조", "")]
    olga.put(f"{cohort}/members/{club.ada.id}", body)
    assert AuditEntry.objects.count() == 3, "nothing changed the second time"


def test_an_operator_removes_and_a_mentor_leaves(club, cohort, olga, api_as):
    assert olga.delete(f"{cohort}/members/{club.ada.id}").status_code == 204
    assert api_as(BORIS).delete(f"{cohort}/me").status_code == 204

    assert entries(AuditKind.ROLE) == [
        (OLGA, ADA, "", "", "member", ""),
        (BORIS, BORIS, "", "", "mentor", ""),
    ]


def test_joining_by_an_invitation_that_was_made_and_withdrawn(club, cohort, olga, api_as):
    link = {"role": "member", "expires_at": "2099-01-01T00:00:00Z", "max_uses": 3}
    link["part_id"] = str(club.backend.id)
    made = olga.post(f"{cohort}/invitations", link).json()

    assert api_as(STRANGER).post(f"{BASE}{made['path'].rstrip('/')}", CONSENT).status_code == 201
    assert olga.delete(f"{cohort}/invitations/{made['id']}").status_code == 204
    olga.delete(f"{cohort}/invitations/{made['id']}")

    assert entries(AuditKind.ROLE) == [(STRANGER, STRANGER, "", "", "", "member")]
    assert entries(AuditKind.PART) == [(STRANGER, STRANGER, "", "", "", "백엔드")]
    assert entries(AuditKind.INVITATION) == [
        (OLGA, None, "", "", "", "member"),
        (OLGA, None, "", "", "member", ""),
    ]
    token = made["path"].split("/")[2]
    assert not AuditEntry.objects.filter(after__contains=token).exists(), "the link is a secret"


def test_inviting_one_person_by_name(club, cohort, olga, names):
    now = timezone.now()
    Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.OPERATOR, joined_at=now)

    body = {"account_id": str(CLARA), "role": "mentor"}
    assert olga.post(f"{cohort}/invitations/people", body).status_code == 201

    assert entries(AuditKind.INVITATION) == [(OLGA, CLARA, "", "", "", "mentor")]


def test_a_demoted_operator_withdraws_the_links_that_they_know(club, cohort, olga):
    now = timezone.now()
    second = Membership.objects.create(
        cohort=club.cohort, account_id=STRANGER, role=Role.OPERATOR, joined_at=now
    )
    create_invitation(
        cohort=club.cohort,
        role=Role.MENTOR,
        part_id=None,
        expires_at=now + timedelta(days=1),
        max_uses=1,
        by=OLGA,
        at=now,
    )

    olga.put(f"{cohort}/members/{second.id}", {"role": "member", "part_id": None, "team_id": None})

    assert entries(AuditKind.INVITATION)[1:] == [(OLGA, None, "", "", "mentor", "")]


def test_a_cohort_begins_with_its_operator_and_an_owner_appoints_another(club, api_as, as_principal):
    body = {"title": "17기", "time_zone": "Asia/Seoul", "first_day": "2027-03-08", "weeks": 8}
    made = api_as(OLGA, roles=["owner"]).post(f"{BASE}/cohorts", body)
    assert made.status_code == 201
    assert entries(AuditKind.ROLE) == [(OLGA, OLGA, "", "", "", "operator")]

    page = f"/cohorts/installation/{club.cohort.id}/"
    as_principal(STRANGER, roles=["owner"]).post(page, {"account_id": str(ADA)})

    assert entries(AuditKind.OPERATOR_APPOINTED) == [(STRANGER, ADA, "", "", "member", "operator")]


def test_the_github_account_of_a_member(club, cohort, olga):
    newcomer = Membership.objects.create(
        cohort=club.cohort,
        account_id=STRANGER,
        role=Role.MEMBER,
        github_claim="claimed",
        joined_at=timezone.now(),
    )
    member = f"{cohort}/members/{newcomer.id}"

    assert olga.put(f"{member}/github", {"login": "first"}).status_code == 200
    Membership.objects.filter(id=newcomer.id).update(github_claim="claimed")
    assert olga.put(f"{member}/claim", {"login": "claimed"}).status_code == 200

    assert entries(AuditKind.GITHUB) == [
        (OLGA, STRANGER, "", "", "", "first"),
        (OLGA, STRANGER, "", "", "first", "claimed"),
    ]


def test_a_mission_is_created_changed_and_deleted(club, cohort, olga):
    body = {"title": "투표", "week_id": str(club.weeks[2].id), "repository": "club/vote"}
    mission = olga.post(f"{cohort}/missions", body).json()
    path = f"{BASE}/missions/{mission['id']}"

    change = {"title": "투표 API", "body": "긴 글", "marker": "[vote]", "due_at": "2026-12-25T00:00:00Z"}
    assert olga.patch(path, change).status_code == 200
    assert olga.delete(path).status_code == 204

    assert entries(AuditKind.MISSION) == [
        (OLGA, None, "", "투표", "", "투표"),
        (OLGA, None, "body", "투표 API", "", ""),
        (OLGA, None, "marker", "투표 API", "", "[vote]"),
        (OLGA, None, "title", "투표 API", "투표", "투표 API"),
        (OLGA, None, "", "투표 API", "투표 API", ""),
    ]
    [(*_who, before, after)] = entries(AuditKind.DEADLINE)
    assert (before, after) == ("2026-11-29T14:59:00+00:00", "2026-12-25T00:00:00+00:00")


def test_a_mission_becomes_a_teams(club, olga, everyones):  # noqa: F811
    path = f"{BASE}/missions/{everyones.id}"
    due = {"due_at": "2099-01-01T00:00:00Z"}
    assert olga.put(f"{path}/part-dues/{club.backend.id}", due).status_code == 200

    assert olga.patch(path, {"team_id": str(club.team.id), "accepts": ["file"]}).status_code == 200

    about = everyones.title
    assert entries(AuditKind.MISSION)[1:] == [
        (OLGA, None, "accepts", about, "pull_request", "file"),
        (OLGA, None, "repository", about, "club/everyone", ""),
        (OLGA, None, "team", about, "", "1조"),
    ]
    part = (OLGA, None, "", f"{about} · 백엔드", "2099-01-01T00:00:00+00:00", "")
    assert entries(AuditKind.DEADLINE)[1:] == [part]


def test_an_import_of_missions(club, cohort, olga):
    sheet = "part,order,title,repository\n,1,하나,club/one\n,2,둘,club/two\n"

    assert olga.post(f"{cohort}/missions/import", {"text": sheet, "first_week": 1}).status_code == 200

    assert {row[5] for row in entries(AuditKind.MISSION)} == {"하나", "둘"}


def test_the_deadline_of_a_part(club, olga, everyones):  # noqa: F811
    path = f"{BASE}/missions/{everyones.id}/part-dues/{club.backend.id}"

    for due_at in ("2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z"):
        assert olga.put(path, {"due_at": due_at}).status_code == 200
    assert olga.delete(path).status_code == 204

    first, second = "2099-01-01T00:00:00+00:00", "2099-01-02T00:00:00+00:00"
    about = "모두의 미션 · 백엔드"
    assert entries(AuditKind.DEADLINE) == [
        (OLGA, None, "", about, "", first),
        (OLGA, None, "", about, first, second),
        (OLGA, None, "", about, second, ""),
    ]


def test_an_extension(club, olga, vote):  # noqa: F811
    path = f"{BASE}/missions/{vote.id}/extensions"
    for hours in (24, 48):
        body = {"membership_id": str(club.ada.id), "hours": hours, "reason": "병원 진료"}
        given = olga.post(path, body).json()["results"]
    assert olga.delete(f"{path}/{given[0]['id']}").status_code == 204
    olga.delete(f"{path}/{given[0]['id']}")

    assert entries(AuditKind.EXTENSION) == [
        (OLGA, ADA, "", vote.title, "", "24"),
        (OLGA, ADA, "", vote.title, "24", "48"),
        (OLGA, ADA, "", vote.title, "48", ""),
    ]


def test_a_rubric(olga, vote):  # noqa: F811
    before = entries(AuditKind.RUBRIC)[-1][5]
    criteria = [RUBRIC[0]]

    assert olga.put(f"{BASE}/missions/{vote.id}/rubric", {"criteria": criteria}).status_code == 200
    olga.put(f"{BASE}/missions/{vote.id}/rubric", {"criteria": criteria})

    assert before == "요구사항 (0/4), 테스트 (0/2)"
    assert entries(AuditKind.RUBRIC)[1:] == [(OLGA, None, "", vote.title, before, "요구사항 (0/4)")]


def test_a_rubric_of_which_only_a_label_changes(olga, vote):  # noqa: F811
    long = [criterion(f"{n} {'가' * 70}", {4: "모두 충족", 0: "부족"}) for n in range(4)]
    other = [criterion(row["title"], {4: "다른 말", 0: "부족"}) for row in long]
    path = f"{BASE}/missions/{vote.id}/rubric"

    for criteria in (long, [*long[:3], criterion("끝", {4: "모두 충족", 0: "부족"})], other, other):
        assert olga.put(path, {"criteria": criteria}).status_code == 200

    details = (OLGA, None, "details", vote.title, "", "")
    assert entries(AuditKind.RUBRIC)[2:] == [details, details], "the end of a long one, and labels"


def test_a_score_is_released_and_withdrawn(work, api_as):  # noqa: F811
    boris, path = api_as(BORIS), f"{BASE}/submissions/{work.submission.id}/review"
    scores = [
        {"criterion_id": str(row.criterion.id), "level_id": str(row.levels[2].id)} for row in work.rubric
    ]

    assert boris.put(f"{path}/draft", {"scores": scores, "comment": ""}).status_code == 200
    assert boris.post(f"{path}/release").status_code == 200
    assert boris.post(f"{path}/withdraw").status_code == 200

    assert entries(AuditKind.SCORE) == [
        (BORIS, ADA, "", "django-vote", "", "8/8"),
        (BORIS, ADA, "", "django-vote", "8/8", ""),
    ]


def test_the_webhook_and_its_secret(cohort, olga):
    made = olga.post(f"{cohort}/hook").json()
    rotated = olga.post(f"{cohort}/hook/rotate").json()

    assert entries(AuditKind.WEBHOOK) == [
        (OLGA, None, "", "", "", "created"),
        (OLGA, None, "secret", "", "", ""),
    ]
    kept = str(list(AuditEntry.objects.values()))
    assert made["secret"] not in kept
    assert rotated["secret"] not in kept


def test_a_pattern_and_whose_a_personal_repository_is(club, cohort, olga):
    for _ in range(2):
        made = olga.post(f"{cohort}/repository-patterns", {"name": "club/work-*"})
        assert made.status_code == 201
    pattern = Repository.objects.get(name="club/work-*")
    found = Repository.objects.create(cohort=club.cohort, name="club/work-ada", pattern=pattern, github_id=7)

    for member in (club.ada.id, club.ada.id, None):
        body = {"membership_id": str(member) if member else None}
        assert olga.put(f"{cohort}/repositories/{found.id}", body).status_code == 200

    assert entries(AuditKind.REPOSITORY) == [
        (OLGA, None, "", "", "", "club/work-*"),
        (OLGA, ADA, "", "", "", "club/work-ada"),
        (OLGA, ADA, "", "", "club/work-ada", ""),
    ]


def test_what_is_refused_writes_nothing(club, cohort, olga):
    # The last operator.
    body = {"role": "member", "part_id": None, "team_id": None}
    assert olga.put(f"{cohort}/members/{club.olga.id}", body).status_code == 409

    assert not AuditEntry.objects.exists()
