"""Several missions in one repository: which one a pull request is for."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.github.models import Outcome, PullRequest, Repository
from study.memberships.actions.invitations import create_invitation
from study.memberships.actions.joining import join
from study.memberships.actions.memberships import leave
from study.missions.rules.assignment import AssignmentRule
from study.submissions.actions.matching import match_pull_request
from study.submissions.models import MissionDecision, Submission
from study.submissions.queries.pending import repositories_to_poll
from study.submissions.tasks import match_waiting_pull_requests
from tests.conftest import ADA, CONSENT, OLGA
from tests.github.payloads import A, B, C, closed, isoformat, make_mission, person, pull_request

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def weeks(club):
    """Three missions of one repository, a week apart; the third has been open for two weeks."""
    return [
        make_mission(
            club,
            title=f"{number}주차",
            opens_at=NOW - (5 - number) * WEEK,
            due_at=NOW - (4 - number) * WEEK,
        )
        for number in (1, 2, 3)
    ]


def opened(number, at, *, sha=A, title="", **changes):
    """A pull request of Ada's that was opened at this time."""
    payload = pull_request(number=number, sha=sha, title=title, **changes)
    payload["pull_request"].update(created_at=isoformat(at), updated_at=isoformat(at))
    return payload


def missions_by_number():
    rows = Submission.objects.values_list("pull_request__number", "mission__title")
    return dict(rows)


def test_each_pull_request_becomes_the_submission_of_its_period(weeks, ingest):
    for number, mission in enumerate(weeks, 1):
        result = ingest(
            "pull_request", opened(number, mission.opens_at + timedelta(days=4), sha=str(number) * 40)
        )
        assert result.outcome == Outcome.SUBMITTED

    assert missions_by_number() == {1: "1주차", 2: "2주차", 3: "3주차"}
    assert set(MissionDecision.objects.values_list("rule", flat=True)) == {AssignmentRule.TIME}


def test_a_marker_decides_whatever_the_time(weeks, ingest):
    for number, mission in enumerate(weeks, 1):
        mission.marker = f"week {number}"
        mission.save(update_fields=["marker"])

    ingest("pull_request", opened(7, NOW, title="[ada] WEEK 02 solutions"))
    unknown = ingest("pull_request", opened(8, NOW, sha=B, title="fix a link"))

    assert missions_by_number() == {7: "2주차"}
    assert (unknown.outcome, unknown.submission) == (Outcome.UNRESOLVED, None)


def test_what_is_doubtful_waits_and_is_decided_with_the_one_before(weeks, ingest, club):
    soon = weeks[1].opens_at + timedelta(hours=5)
    late = ingest("pull_request", opened(1, soon))
    following = ingest("pull_request", opened(2, soon + timedelta(hours=9), sha=B))
    assert {late.outcome, following.outcome} == {Outcome.UNRESOLVED}

    match_pull_request(
        pull_request=late.pull_request, membership=club.ada, mission_id=weeks[0].id, by=OLGA, at=NOW
    )

    assert missions_by_number() == {1: "1주차", 2: "2주차"}
    rules = dict(MissionDecision.objects.values_list("pull_request__number", "rule"))
    assert rules == {1: AssignmentRule.OPERATOR, 2: AssignmentRule.TIME}
    assert not PullRequest.objects.exclude(unmatched="").exists()


def test_editing_dates_later_moves_nothing(weeks, ingest):
    at = weeks[1].opens_at + timedelta(days=4)
    ingest("pull_request", opened(1, at))
    weeks[1].opens_at = at + timedelta(days=1)
    weeks[1].save(update_fields=["opens_at"])

    ingest("pull_request", closed(at=3, merged=True, number=1))

    assert missions_by_number() == {1: "2주차"}


def test_a_mission_that_is_created_later_takes_what_waited(weeks, ingest, club):
    weeks[1].delete()
    waiting = ingest("pull_request", opened(1, weeks[2].opens_at + timedelta(hours=1)))
    assert waiting.outcome == Outcome.UNRESOLVED

    make_mission(
        club,
        title="추가",
        opens_at=weeks[2].opens_at + timedelta(minutes=30),
        due_at=NOW,
        created_at=NOW + timedelta(days=1),
        marker="django",
    )
    PullRequest.objects.update(title="django 추가 미션")
    match_waiting_pull_requests()

    assert missions_by_number() == {1: "추가"}


def test_a_revert_is_no_submission(weeks, ingest):
    result = ingest("pull_request", opened(1, NOW, title='Revert "1주차"'))

    assert (result.outcome, result.submission) == (Outcome.REVERT, None)
    assert PullRequest.objects.get().unmatched == ""


def test_the_second_of_two_open_ones_takes_over_when_the_first_is_closed(weeks, ingest):
    at = weeks[2].opens_at + timedelta(days=4)
    ingest("pull_request", opened(1, at))
    second = ingest("pull_request", opened(2, at + timedelta(hours=1), sha=C))
    assert second.outcome == Outcome.SECOND_PULL

    ingest("pull_request", closed(at=1, number=1))

    assert missions_by_number() == {2: "3주차"}


def test_a_repository_of_two_cohorts_leads_to_the_one_that_runs(weeks, ingest, club):
    Membership.objects.create(cohort=club.other, account_id=ADA, role="member", joined_at=NOW)
    theirs = make_mission(
        club,
        cohort=club.other,
        part=None,
        title="다음 기수",
        opens_at=NOW + 20 * WEEK,
        due_at=NOW + 21 * WEEK,
    )
    for mission in (weeks[0], theirs):
        assert mission.github_repository
        mission.github_repository.github_id = 900015
        mission.github_repository.named_at = NOW
        mission.github_repository.save(update_fields=["github_id", "named_at"])

    here = ingest("pull_request", opened(1, NOW + 20 * WEEK + timedelta(days=1)))
    there = ingest("pull_request", opened(1, NOW + 20 * WEEK + timedelta(days=1)), cohort=club.other)

    assert (here.outcome, there.outcome) == (Outcome.OTHER_COHORT, Outcome.SUBMITTED)
    assert missions_by_number() == {1: "다음 기수"}
    assert not PullRequest.objects.exclude(unmatched="").exists()


def test_an_operator_assigns_several_at_once(weeks, ingest, club, as_principal, api_as):
    soon = weeks[1].opens_at + timedelta(hours=5)
    first = ingest("pull_request", opened(1, soon)).pull_request
    second = ingest("pull_request", opened(2, soon + timedelta(hours=1), sha=B)).pull_request
    path = f"/cohorts/{club.cohort.id}/pulls/"
    page = as_principal(OLGA).get(path).content.decode()
    assert page.count('name="pull_request_ids"') == 2
    assert "어느 미션의 제출인가요?" in page

    chosen = {"pull_request_ids": [str(first.id), str(second.id)], "mission_id": str(weeks[0].id)}
    answer = as_principal(OLGA).post(f"{path}assign/", chosen)

    assert answer.status_code == 302
    # The second one is open beside the first, for the same mission.
    assert missions_by_number() in ({1: "1주차"}, {2: "1주차"})
    assert not PullRequest.objects.filter(unmatched=Outcome.UNRESOLVED).exists()
    api = f"/api/v1/study/cohorts/{club.cohort.id}/pulls/assign"
    assert api_as(OLGA).post(api, chosen).json() == {"assigned": 0}


def test_nothing_chosen_is_said(weeks, club, as_principal):
    browser = as_principal(OLGA)
    path = f"/cohorts/{club.cohort.id}/pulls/"

    assert browser.post(f"{path}assign/", {"mission_id": str(weeks[0].id)}).status_code == 302
    assert "PR과 미션을" in browser.get(path).content.decode()


@pytest.fixture
def personal(club):
    """Four missions of the members' own repositories."""
    return [
        make_mission(
            club,
            repository="38-lets-sopt-server/*",
            title=f"{number}차",
            part=None,
            opens_at=NOW - (5 - number) * WEEK,
            due_at=NOW - (4 - number) * WEEK,
        )
        for number in (1, 2, 3, 4)
    ]


def test_twelve_personal_repositories_are_matched_by_their_authors(personal, ingest, club):
    for member in range(12):
        Membership.objects.create(
            cohort=club.cohort, account_id=uuid4(), role="member", joined_at=NOW, github_id=700 + member
        )
    for number, mission in enumerate(personal, 1):
        for member in range(12):
            # One was created in the third week, one is renamed and one is transferred after the second.
            if member == 11 and number < 3:
                continue
            owner = "elsewhere" if member == 10 and number > 2 else "38-lets-sopt-server"
            name = f"{owner}/{'new-' if member == 9 and number > 2 else ''}member-{member}"
            payload = opened(
                number,
                mission.opens_at + timedelta(days=4),
                sha=f"{number:02}{member:02}" * 10,
                repository=name,
            )
            payload["pull_request"]["base"]["repo"]["id"] = 5_000 + member
            payload["pull_request"].update(id=10_000 * (member + 1) + number, user=person(700 + member, "x"))
            assert ingest("pull_request", payload).outcome == Outcome.SUBMITTED

    assert Submission.objects.count() == 12 * 4 - 2
    places = Submission.objects.values_list("mission__title", "pull_request__number")
    assert set(places) == {(f"{number}차", number) for number in (1, 2, 3, 4)}
    repositories = Repository.objects.exclude(pattern=None)
    assert set(repositories.values_list("member__github_id", flat=True)) == set(range(700, 712))
    assert set(repositories.filter(github_id__in=[5_009, 5_010]).values_list("name", flat=True)) == {
        "38-lets-sopt-server/new-member-9",
        "elsewhere/member-10",
    }


def test_another_organisation_matches_no_pattern(personal, ingest):
    result = ingest("pull_request", opened(1, NOW, repository="38-lets-sopt-android/member-1"))

    assert result.outcome == Outcome.UNKNOWN_REPOSITORY


def test_a_pull_request_in_any_repository_of_a_mission_counts(weeks, ingest, club):
    web = Repository.objects.create(cohort=club.cohort, name="club/web", github_id=77, named_at=NOW)
    weeks[2].extra_repositories.add(web)
    at = weeks[2].opens_at + timedelta(hours=1)
    payload = opened(4, at)
    payload["repository"] = payload["pull_request"]["base"]["repo"] = {"id": 77, "full_name": "club/web"}

    result = ingest("pull_request", payload)

    # The only mission of that repository, so the doubt about the hours after the opening does not arise.
    assert (result.outcome, result.submission.mission) == (Outcome.SUBMITTED, weeks[2])
    assert (web.id, weeks[2].opens_at) in repositories_to_poll(NOW + WEEK, limit=9)


def test_what_waits_is_decided_once_its_author_joins_another_part(club, ingest):
    for part in (club.backend, club.frontend):
        make_mission(club, part=part)
    Membership.objects.filter(id=club.ada.id).update(part=None)
    assert ingest("pull_request", pull_request()).outcome == Outcome.UNRESOLVED
    leave(membership=club.ada, by=ADA, at=NOW)

    invitation = create_invitation(
        cohort=club.cohort,
        role=Role.MEMBER,
        part_id=club.frontend.id,
        expires_at=NOW + timedelta(days=1),
        max_uses=1,
        by=OLGA,
        at=NOW,
    )
    join(invitation=invitation, account_id=ADA, **CONSENT, at=NOW)
    match_waiting_pull_requests()

    assert Submission.objects.get().mission.part == club.frontend
