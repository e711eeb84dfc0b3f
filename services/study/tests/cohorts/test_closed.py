"""In a closed cohort waiting reviews can be finished; new work is refused until it is reopened."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.announcements.actions import create_draft, publish_announcement
from study.cohorts.actions import CohortClosed, close_cohort, reopen_cohort
from study.github.actions.polling import poll_pull_request
from study.github.client import Client
from study.github.models import Outcome, PullRequest
from study.github.queries import pull_requests_to_poll
from study.missions.actions.deadlines import (
    clear_part_deadline,
    grant_extension,
    set_part_deadline,
    withdraw_extension,
)
from study.missions.actions.importing import import_missions
from study.missions.actions.missions import create_mission, delete_mission, update_mission
from study.missions.actions.rubrics import set_rubric
from study.missions.rules.plan import SheetRow
from study.reviews import actions as reviews
from study.submissions.actions.links import submit_link
from study.submissions.actions.matching import match_pull_request
from study.submissions.models import Attempt, Submission
from tests.conftest import ADA, BORIS, OLGA, review_page
from tests.github.payloads import REPOSITORY, A, B, minutes, person, pull_request, push
from tests.missions.conftest import mission_fields
from tests.submissions.conftest import fake_github, ingest, mission

__all__ = ["fake_github", "ingest", "mission", "mission_fields"]

ROW = SheetRow(line=2, order=1, part="", title="투표", repository="club/imported")


@pytest.fixture
def closed(club, mission):
    """The closed cohort, with its memberships refreshed."""
    close_cohort(cohort=club.cohort, at=NOW)
    club.cohort.refresh_from_db()
    mission.cohort.refresh_from_db()
    return club


def extend(club, mission):
    return grant_extension(
        mission=mission, membership_id=club.ada.id, hours=1, reason="병원", granted_by=OLGA, at=NOW
    )


NEW = {
    "a mission": lambda club, _m, mission_fields: create_mission(
        cohort=club.cohort, at=NOW, **mission_fields, by=OLGA
    ),
    "another text": lambda _c, m, mission_fields: update_mission(
        mission=m, at=NOW, **mission_fields, by=OLGA
    ),
    "a deletion": lambda _c, m, _f: delete_mission(mission=m, by=OLGA, at=NOW),
    "a rubric": lambda _c, m, mission_fields: set_rubric(
        cohort=m.cohort, missions=[m.id], rubric=mission_fields["rubric"], by=OLGA, at=NOW
    ),
    "an import": lambda club, _m, _f: import_missions(
        cohort=club.cohort, rows=[ROW], first_week=1, parts={}, at=NOW, by=OLGA
    ),
    "a part's deadline": lambda club, m, _f: set_part_deadline(
        mission=m, part_id=club.backend.id, due_at=m.due_at + timedelta(days=1), by=OLGA, at=NOW
    ),
    "everyone's deadline": lambda club, m, _f: clear_part_deadline(
        mission=m, part_id=club.backend.id, by=OLGA, at=NOW
    ),
    "an extension": lambda club, m, _f: extend(club, m),
    "an announcement": lambda club, _m, _f: publish_announcement(
        cohort=club.cohort, part_id=None, author_id=OLGA, title="끝", body="끝", at=NOW
    ),
    "a draft": lambda club, _m, _f: create_draft(cohort=club.cohort, title="끝", body="끝", by=OLGA, at=NOW),
    "a link": lambda club, m, _f: submit_link(
        mission=m,
        membership=club.ada,
        link=f"https://github.com/{REPOSITORY}/pull/42",
        github=Client("http://127.0.0.1:1", ""),
        at=NOW,
    ),
}


@pytest.mark.parametrize("new", NEW.values(), ids=NEW)
def test_nothing_new_begins(closed, mission, mission_fields, new, published):
    with pytest.raises(CohortClosed):
        new(closed, mission, mission_fields)

    assert published("study.announcement_published.v1") == []


def test_an_extension_is_not_taken_back(club, mission):
    extension = extend(club, mission)
    close_cohort(cohort=club.cohort, at=NOW)
    extension.refresh_from_db()

    with pytest.raises(CohortClosed):
        withdraw_extension(extension=extension, at=NOW, by=OLGA)

    extension.refresh_from_db()
    assert extension.withdrawn_at is None


def test_a_pull_request_is_no_submission_until_the_cohort_opens_again(
    closed, mission, ingest, fake_github, published
):
    assert ingest("pull_request", pull_request(), at=minutes(1)).outcome == Outcome.COHORT_CLOSED
    assert (Submission.objects.count(), published("study.submission_received.v1")) == (0, [])
    assert pull_requests_to_poll(timezone.now(), limit=9) == []

    reopen_cohort(cohort=closed.cohort)
    [pull_request_id] = pull_requests_to_poll(timezone.now(), limit=9)
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42", pull_request()["pull_request"])
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42/reviews", [])
    poll_pull_request(pull_request_id=pull_request_id, github=fake_github.client, at=timezone.now())

    assert Attempt.objects.get().received_at == minutes(0)


def test_a_push_is_no_attempt_and_the_timeline_goes_on(club, mission, ingest):
    ingest("pull_request", pull_request(), at=minutes(0))
    close_cohort(cohort=club.cohort, at=NOW)
    assert ingest("pull_request", push(A, B, at=3), at=minutes(3)).outcome == Outcome.UPDATED
    assert Attempt.objects.count() == 1

    reopen_cohort(cohort=club.cohort)
    assert (
        ingest("pull_request", pull_request("edited", at=4, sha=B), at=minutes(9)).outcome
        == Outcome.RESUBMITTED
    )
    assert Attempt.objects.get(number=2).received_at == minutes(3)


def test_what_waits_for_an_operator_goes_on_waiting(closed, mission, ingest):
    ingest("pull_request", pull_request(user=person(9, "somebody")))

    with pytest.raises(CohortClosed):
        match_pull_request(pull_request=PullRequest.objects.get(), membership=closed.ada, by=OLGA, at=NOW)

    assert PullRequest.objects.get().unmatched == Outcome.UNKNOWN_PERSON


def test_what_waits_is_reviewed_and_no_new_version_begins(club, mission, ingest, as_principal):
    ingest("pull_request", pull_request())
    close_cohort(cohort=club.cohort, at=NOW)
    work = Submission.objects.get()

    def draft() -> None:
        reviews.save_draft(submission_id=work.id, mentor_id=BORIS, scores={}, comment="좋아요", at=NOW)

    page = review_page(work)
    assert 'name="release"' in as_principal(BORIS).get(page).content.decode()
    draft()
    reviews.release(submission_id=work.id, mentor_id=BORIS, at=NOW)

    assert 'name="release"' not in as_principal(BORIS).get(page).content.decode()
    with pytest.raises(CohortClosed):
        draft()


@pytest.mark.parametrize(
    ("who", "path", "hidden"),
    [
        (OLGA, "/cohorts/{c}/missions/", "/missions/new/"),
        (OLGA, "/cohorts/{c}/missions/{m}/", "/edit/"),
        (ADA, "/cohorts/{c}/missions/{m}/", "/submit/"),
        (ADA, "/cohorts/{c}/missions/{m}/submit/", 'name="link"'),
        (OLGA, "/cohorts/{c}/announcements/", "/announcements/new/"),
        (OLGA, "/cohorts/{c}/pulls/", "/match/"),
    ],
)
def test_pages_say_so_and_offer_nothing_that_would_be_refused(
    club, mission, ingest, as_principal, who: UUID, path, hidden
):
    ingest("pull_request", pull_request(user=person(9, "somebody")))
    address = path.format(c=club.cohort.id, m=mission.id)
    assert hidden in as_principal(who).get(address).content.decode()

    close_cohort(cohort=club.cohort, at=NOW)

    shown = as_principal(who).get(address).content.decode()
    assert hidden not in shown
    assert "종료된 기수예요" in shown


def test_a_members_week_asks_for_nothing_more(closed, mission, as_principal):
    shown = as_principal(ADA).get(f"/cohorts/{closed.cohort.id}/week/").content.decode()

    assert "남은 할 일이 없어요" in shown
    assert "종료된 기수예요" in shown


def test_the_api_says_what_to_do(closed, mission, api_as):
    answer = api_as(OLGA).patch(f"/api/v1/study/missions/{mission.id}", {"title": "새 제목"})

    assert (answer.status_code, answer.json()["code"]) == (409, "cohort_closed")
    assert "다시 열 수 있어요" in answer.json()["title"]
