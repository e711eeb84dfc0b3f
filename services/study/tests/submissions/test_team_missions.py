"""A mission for a team: its members see it and submit it, each on their own; others do not."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chassis.testing import NOW
from study.cohorts.models import Membership, Role, Team, TeamKind
from study.github.models import Outcome, PullRequest
from study.memberships.actions.memberships import choose_part
from study.missions.models import Mission
from study.submissions.models import Submission
from study.submissions.tasks import match_waiting_pull_requests
from tests.conftest import ADA, BORIS, CLARA, OLGA, mission_page
from tests.github.payloads import (
    ADA_ON_GITHUB,
    REPOSITORY,
    A,
    B,
    isoformat,
    make_mission,
    person,
    pull_request,
    push,
)
from tests.missions.test_pages import TYPED, text_of

pytestmark = pytest.mark.django_db
API = "/api/v1/study"
CLARA_ON_GITHUB = person(104, "clara-else")


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def clara(club):
    """A member of Ada's part and of another project team."""
    return Membership.objects.create(
        cohort=club.cohort,
        account_id=CLARA,
        role=Role.MEMBER,
        part=club.backend,
        team=Team.objects.create(cohort=club.cohort, name="2조"),
        joined_at=NOW,
    )


@pytest.fixture
def create(club, api_as):
    """create(field=…) → the answer of the API to an operator who creates a mission, for Ada's team."""

    def of(**changes: Any) -> Any:
        fields = {
            "title": "배포하기",
            "week_id": str(club.weeks[2].id),
            "team_id": str(club.team.id),
            "repository": REPOSITORY,
            "accepts": ["pull_request", "text"],
            "opens_at": isoformat(NOW - timedelta(days=7)),
            "due_at": isoformat(NOW + timedelta(days=1)),
        }
        return api_as(OLGA).post(f"{API}/cohorts/{club.cohort.id}/missions", fields | changes)

    return of


@pytest.fixture
def deploy(create, clara):
    made = create()
    assert made.status_code == 201
    return Mission.objects.get(id=made.json()["id"])


def flat(answer) -> str:
    return " ".join(text_of(answer).split())


def move(club, api_as, team: Team | None) -> None:
    body = {"role": "member", "part_id": str(club.backend.id), "team_id": str(team.id) if team else None}
    path = f"{API}/cohorts/{club.cohort.id}/members/{club.ada.id}"
    assert api_as(OLGA).put(path, body).status_code == 200


def test_an_operator_creates_it_on_its_page(club, as_principal):
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/missions/new/"
    typed = TYPED | {"week_id": str(club.weeks[2].id), "team_id": str(club.team.id)}
    chosen = f'value="{club.team.id}" selected'

    foreign = olga.post(path, typed | {"team_id": str(club.other.teams.create(name="남의 팀").id)})
    assert foreign.status_code == 422
    assert "올바르게 선택해 주세요" in text_of(foreign)
    assert 'value="투표 API 만들기"' in text_of(foreign)

    both = olga.post(path, typed | {"part_id": str(club.backend.id)})
    assert both.status_code == 422
    assert "파트와 팀 중 하나만 골라 주세요" in text_of(both)
    assert chosen in flat(both)
    assert not Mission.objects.exists()

    assert olga.post(path, typed).status_code == 302
    mission = Mission.objects.get()
    assert (mission.team, mission.part) == (club.team, None)
    assert chosen in flat(olga.get(f"{mission_page(mission)}edit/"))


def test_the_api_takes_a_part_or_a_team_of_the_cohort(club, create, api_as):
    foreign = club.other.teams.create(name="남의 팀")

    assert create(part_id=str(club.backend.id)).json()["code"] == "part_and_team"
    refused = create(team_id=str(foreign.id)).json()
    assert (refused["code"], refused["title"]) == ("no_such_team", "이 기수에는 그런 팀이 없어요.")
    made = create().json()
    assert (made["team_id"], made["team"], made["part_id"]) == (str(club.team.id), "1조", None)

    changed = api_as(OLGA).patch(
        f"{API}/missions/{made['id']}", {"team_id": None, "part_id": str(club.backend.id)}
    )
    assert (changed.json()["team"], changed.json()["part"]) == ("", "백엔드")


def test_its_members_see_it_and_others_do_not(club, deploy, as_principal, api_as):
    here, page = f"/cohorts/{club.cohort.id}/", mission_page(deploy)
    listing = f"{API}/cohorts/{club.cohort.id}/missions"

    for path in (f"{here}week/", f"{here}missions/", page):
        assert "배포하기" in text_of(as_principal(ADA).get(path))
        assert "1조" in text_of(as_principal(ADA).get(path))
    assert [row["is_mine"] for row in api_as(ADA).get(listing).json()["results"]] == [True]

    for path in (f"{here}week/", f"{here}missions/", f"{here}missions/?part=all"):
        assert "배포하기" not in text_of(as_principal(CLARA).get(path))
    assert api_as(CLARA).get(listing).json()["results"] == []
    for path in (page, f"{page}submit/"):
        assert as_principal(CLARA).get(path).status_code == 404
    assert api_as(CLARA).get(f"{API}/missions/{deploy.id}").status_code == 404

    for who in (BORIS, OLGA):
        assert "배포하기" in text_of(as_principal(who).get(f"{here}missions/"))
        assert [row["is_mine"] for row in api_as(who).get(listing).json()["results"]] == [False]


def test_each_member_submits_on_their_own_and_others_cannot(club, clara, deploy, api_as, as_principal):
    Membership.objects.filter(id=club.boris.id).update(role=Role.MEMBER, team=club.team)
    path = f"{API}/missions/{deploy.id}/work"

    assert api_as(ADA).post(path, {"text": "에이다의 글"}).status_code == 201
    assert api_as(BORIS).post(path, {"text": "보리스의 글"}).status_code == 201
    assert api_as(CLARA).post(path, {"text": "클라라의 글"}).status_code == 404
    link = {"mission_id": str(deploy.id), "link": f"https://github.com/{REPOSITORY}/pull/1"}
    assert api_as(CLARA).post(f"{API}/submissions", link).status_code == 404
    assert as_principal(CLARA).post(f"{mission_page(deploy)}work/", {"text": "글"}).status_code == 404

    assert set(Submission.objects.values_list("account_id", flat=True)) == {ADA, BORIS}


def test_the_pull_request_of_another_is_not_for_it(club, deploy, ingest):
    """Not even if it is the only mission of the repository."""
    theirs = ingest("pull_request", pull_request(number=1, user=CLARA_ON_GITHUB))
    hers = ingest("pull_request", pull_request(number=2, sha=B, user=ADA_ON_GITHUB))

    assert (theirs.outcome, theirs.submission) == (Outcome.UNRESOLVED, None)
    assert hers.outcome == Outcome.SUBMITTED
    assert Submission.objects.get().membership == club.ada


def test_an_operator_chooses_the_only_mission_for_another(club, clara, deploy, ingest, api_as, as_principal):
    ingest("pull_request", pull_request(user=CLARA_ON_GITHUB))
    waiting, olga = PullRequest.objects.get(), as_principal(OLGA)

    listed = api_as(OLGA).get(f"{API}/cohorts/{club.cohort.id}/pulls").json()["results"]
    assert [row["mission_id"] for row in listed] == [None]
    page = olga.get(f"/cohorts/{club.cohort.id}/pulls/")
    assert f'<select class="input" id="mission-{waiting.id}" name="mission" required>' in flat(page)
    Mission.objects.update(github_repository=None, accepts_pull_request=False, accepts_text=True)
    assert f'id="mission-{waiting.id}"' not in flat(olga.get(f"/cohorts/{club.cohort.id}/pulls/"))
    Mission.objects.update(github_repository=waiting.repository, accepts_pull_request=True)
    match = f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/match/"
    assert olga.post(f"{match}?member={clara.id}&mission={deploy.id}").status_code == 302

    assert (Submission.objects.get().membership, Submission.objects.get().mission) == (clara, deploy)


def test_what_waits_is_decided_once_its_author_is_in_the_team(club, deploy, api_as, ingest):
    Membership.objects.filter(id=club.ada.id).update(team=None)
    assert ingest("pull_request", pull_request(user=ADA_ON_GITHUB)).outcome == Outcome.UNRESOLVED
    match_waiting_pull_requests()
    assert not Submission.objects.exists()

    move(club, api_as, club.team)
    assert not Submission.objects.exists()
    match_waiting_pull_requests()

    assert Submission.objects.get().mission == deploy


def test_what_waits_is_decided_once_its_author_chooses_a_part(club, ingest):
    for part in (club.backend, club.frontend):
        make_mission(club, part=part)
    Membership.objects.filter(id=club.ada.id).update(part=None)
    assert ingest("pull_request", pull_request(user=ADA_ON_GITHUB)).outcome == Outcome.UNRESOLVED

    choose_part(membership=club.ada, part_id=club.frontend.id, at=NOW)
    match_waiting_pull_requests()

    assert Submission.objects.get().mission.part == club.frontend


def test_teams_of_a_kind_share_a_repository(club, clara, deploy, create, ingest):
    study = Team.objects.create(cohort=club.cohort, name="알고리즘", kind=TeamKind.STUDY)
    for audience in ({"team_id": None}, {"team_id": None, "part_id": str(club.backend.id)}):
        assert create(**audience).json()["code"] == "ambiguous_mission"
    assert create(team_id=str(study.id)).json()["code"] == "ambiguous_mission"

    assert create(team_id=str(clara.team.id), title="2조의 배포").status_code == 201
    for number, user, sha in ((1, CLARA_ON_GITHUB, "a" * 40), (2, ADA_ON_GITHUB, B)):
        assert ingest("pull_request", pull_request(number=number, user=user, sha=sha)).submission

    titles = dict(Submission.objects.values_list("account_id", "mission__title"))
    assert titles == {ADA: "배포하기", CLARA: "2조의 배포"}


def test_what_would_become_of_its_pull_requests_is_counted_by_team(club, clara, create, fake_github, api_as):
    opened = {"created_at": isoformat(NOW), "updated_at": isoformat(NOW)}
    fake_github.says(
        f"/repos/{REPOSITORY}/pulls",
        [
            pull_request(number=number, user=user)["pull_request"] | opened
            for number, user in ((1, ADA_ON_GITHUB), (2, CLARA_ON_GITHUB))
        ],
    )
    body = {
        "title": "배포하기",
        "week_id": str(club.weeks[2].id),
        "team_id": str(club.team.id),
        "repository": REPOSITORY,
    }

    found = api_as(OLGA).post(f"{API}/cohorts/{club.cohort.id}/missions/preview", body).json()

    assert (found["assigned"], found["to_decide"], found["unknown"]) == (1, 1, 0)


def test_the_mission_of_a_team_takes_no_pull_request_from_the_others(
    club, clara, create, fake_github, ingest, api_as
):
    """What is the only mission of the repository stays the only one for who is not in the team."""
    first = make_mission(club, part=club.frontend, marker="프론트")
    opened = {"created_at": isoformat(NOW), "updated_at": isoformat(NOW)}
    theirs = pull_request(user=CLARA_ON_GITHUB, title="프론트 과제")
    fake_github.says(f"/repos/{REPOSITORY}/pulls", [theirs["pull_request"] | opened])
    body = {"title": "배포하기", "week_id": str(club.weeks[2].id), "team_id": str(club.team.id)}

    found = api_as(OLGA).post(
        f"{API}/cohorts/{club.cohort.id}/missions/preview", body | {"repository": REPOSITORY}
    )
    assert create().status_code == 201
    ingest("pull_request", theirs)

    assert (found.json()["assigned"], found.json()["to_decide"]) == (1, 0)
    assert Submission.objects.get().mission == first


def test_it_is_missing_only_of_its_members(club, deploy, as_principal):
    Mission.objects.filter(id=deploy.id).update(due_at=NOW - timedelta(hours=1))

    table = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/overview.csv").content.decode()
    overview = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/").context["overview"]

    missing = {line.split(",")[0]: line.split(",")[-2] for line in table.split("\r\n") if "," in line}
    assert (missing["Ada"], missing["Clara"]) == ("1", "0")
    assert [(week.expected, week.handed_in) for week in overview.figures if week.expected] == [(1, 0)]
    assert [row.member.account_id for row in overview.rows if row.missing] == [ADA]


def test_who_moves_has_the_missions_of_the_present_team_and_keeps_what_they_submitted(
    club, clara, deploy, api_as, as_principal
):
    path, week = f"{API}/missions/{deploy.id}/work", f"/cohorts/{club.cohort.id}/week/"
    submission_id = api_as(ADA).post(path, {"text": "글"}).json()["submission_id"]
    other = make_mission(club, repository="club/second", title="2조의 과제", part=None, team=clara.team)

    move(club, api_as, clara.team)

    assert "2조의 과제" in text_of(as_principal(ADA).get(week))
    assert "배포하기" not in text_of(as_principal(ADA).get(week))
    overview = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/").context["overview"]
    column = overview.missions.index(other)
    assert {row.member.account_id for row in overview.rows if row.cells[column]} == {ADA, CLARA}
    for kept in (f"/cohorts/{club.cohort.id}/submissions/{submission_id}/", mission_page(deploy)):
        assert as_principal(ADA).get(kept).status_code == 200
    assert api_as(ADA).get(path.removesuffix("/work")).json()["is_mine"] is False
    assert api_as(ADA).post(path, {"text": "글"}).json()["code"] == "not_allowed"
    link = {"mission_id": str(deploy.id), "link": f"https://github.com/{REPOSITORY}/pull/1"}
    assert api_as(ADA).post(f"{API}/submissions", link).json()["code"] == "not_allowed"

    move(club, api_as, club.team)
    assert api_as(ADA).post(path, {"text": "글"}).status_code == 201


def test_a_pull_request_of_who_moves_is_followed(club, clara, deploy, api_as, ingest):
    first = ingest("pull_request", pull_request(user=ADA_ON_GITHUB)).submission
    move(club, api_as, clara.team)

    pushed = ingest("pull_request", push(A, B, at=1, user=ADA_ON_GITHUB))

    assert (pushed.outcome, pushed.submission) == (Outcome.RESUBMITTED, first)
    assert pushed.submission.mission == deploy
    assert pushed.submission.attempts.count() == 2


def test_its_reviewer_is_the_mentor_of_the_team(club, deploy, api_as):
    club.cohort.assigns_reviewers = True
    club.cohort.save(update_fields=["assigns_reviewers"])
    study = Team.objects.create(cohort=club.cohort, name="알고리즘", kind=TeamKind.STUDY, mentor_id=BORIS)
    Membership.objects.filter(id=club.ada.id).update(study_team=study)
    Team.objects.filter(id=club.team.id).update(mentor_id=OLGA)

    api_as(ADA).post(f"{API}/missions/{deploy.id}/work", {"text": "글"})

    assert Submission.objects.get().mentor_id == OLGA


def test_its_deadline_is_moved_for_its_members_alone(club, clara, deploy, api_as, as_principal):
    path = f"{API}/missions/{deploy.id}"
    more = {"hours": 24, "reason": "병원 진료"}

    refused = api_as(OLGA).post(f"{path}/extensions", more | {"membership_id": str(clara.id)})
    granted = api_as(OLGA).post(f"{path}/extensions", more | {"membership_id": str(club.ada.id)})
    of_part = api_as(OLGA).put(
        f"{path}/part-dues/{club.backend.id}", {"due_at": isoformat(NOW + timedelta(days=9))}
    )

    assert (refused.json()["code"], granted.status_code) == ("no_such_member", 201)
    assert of_part.json()["code"] == "mission_of_one_part"
    page = text_of(as_principal(OLGA).get(f"{mission_page(deploy)}dues/"))
    assert "한 파트나 한 팀만의 미션이에요" in page
    assert f'value="{club.ada.id}"' in page
    assert f'value="{clara.id}"' not in page


def test_it_stays_the_teams_once_submissions_came_in_and_so_does_the_team(club, deploy, api_as, as_principal):
    api_as(ADA).post(f"{API}/missions/{deploy.id}/work", {"text": "글"})

    changed = api_as(OLGA).patch(f"{API}/missions/{deploy.id}", {"team_id": None})
    assert changed.json()["code"] == "already_submitted"

    Membership.objects.update(team=None)
    team = f"{API}/cohorts/{club.cohort.id}/teams/{club.team.id}"
    assert api_as(OLGA).delete(team).json()["code"] == "team_in_use"
    page = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/settings/teams/{club.team.id}/remove/")
    assert "‘1조’에 멤버나 미션, 공지가 있어요" in text_of(page)
    assert Mission.objects.get().team == club.team


def test_the_team_keeps_its_kind_while_it_has_missions(club, deploy, api_as, as_principal):
    typed = {"name": "새 이름", "kind": "study"}

    page = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/settings/teams/{club.team.id}/", typed)
    refused = api_as(OLGA).put(f"{API}/cohorts/{club.cohort.id}/teams/{club.team.id}", typed)

    assert page.status_code == 422
    assert "‘1조’에 미션이 있어서 팀 종류를 바꿀 수 없어요." in text_of(page)
    assert 'value="새 이름"' in text_of(page)
    assert 'value="study" selected' in flat(page)
    assert refused.json()["code"] == "team_has_missions"
    deploy.delete()
    assert api_as(OLGA).put(f"{API}/cohorts/{club.cohort.id}/teams/{club.team.id}", typed).status_code == 200


def test_a_mission_for_a_part_and_a_team_cannot_be_stored(club):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_mission(club, team=club.team)


def test_the_predicate_and_the_condition_agree(club, clara):
    study = Team.objects.create(cohort=club.cohort, name="알고리즘", kind=TeamKind.STUDY)
    audiences: list[dict[str, Any]] = [{"part": part} for part in (None, club.backend, club.frontend)]
    audiences += [{"part": None, "team": team} for team in (club.team, clara.team, study)]
    missions = [
        make_mission(club, repository=f"club/{number}", **audience)
        for number, audience in enumerate(audiences)
    ]
    choices = product(Role, (None, club.backend), (None, club.team), (None, study))

    for role, part, team, study_team in choices:
        membership = Membership(
            cohort=club.cohort, role=role, part=part, team=team, study_team=study_team, joined_at=NOW
        )
        theirs = set(Mission.objects.of_member(membership))
        assert theirs == {mission for mission in missions if mission.is_for(membership)}
        assert bool(theirs) == (role == Role.MEMBER)
