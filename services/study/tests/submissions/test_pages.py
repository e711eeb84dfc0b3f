"""The pages, gone through as people go through them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.github.models import GitHubLimit, PullRequest, TimelineEvent
from study.missions.actions.deadlines import grant_extension
from study.missions.models import Mission
from study.submissions.models import Attempt, PendingLink, Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA, mission_page, review_page, submission_page
from tests.github.payloads import (
    BORIS_ON_GITHUB,
    REPOSITORY,
    A,
    B,
    closed,
    person,
    pull_request,
    push,
    review,
    suite,
)

pytestmark = pytest.mark.django_db

PULL = f"/repos/{REPOSITORY}/pulls/42"
LINK = f"https://github.com/{REPOSITORY}/pull/42"


def text(answer) -> str:
    return str(answer.content.decode())


def test_my_submissions_lead_to_each(mission, ingest, as_principal, django_assert_num_queries):
    ingest("pull_request", pull_request())
    ada = as_principal(ADA)

    with django_assert_num_queries(1):
        answer = ada.get("/submissions/")

    assert answer.status_code == 200
    assert submission_page(Submission.objects.get()) in text(answer)
    assert "django-vote" in text(answer)


def test_nothing_handed_in_yet_says_what_will_come(club, as_principal):
    assert "아직 제출이 없어요" in text(as_principal(ADA).get("/submissions/"))
    assert "No submissions yet" in text(as_principal(ADA, locale="en").get("/submissions/"))


@pytest.mark.parametrize(
    ("hours", "then_late", "says"),
    [
        (-2, True, "제출할 때는 늦었지만 연장으로 인정돼요"),
        (2, False, "제출할 때는 기한 내였지만 지금 마감은 더 빨라요"),
    ],
    ids=["excused", "moved forward"],
)
def test_a_page_says_how_it_was_and_how_it_is_judged_now(
    mission, ingest, club, as_principal, api_as, hours, then_late, says
):
    mission.due_at = NOW + timedelta(hours=hours)
    mission.save(update_fields=["due_at"])
    ingest("pull_request", pull_request(), at=NOW)
    if then_late:
        grant_extension(
            mission=mission, membership_id=club.ada.id, hours=3, reason="병원", granted_by=OLGA, at=NOW
        )
    else:
        Mission.objects.update(due_at=NOW - timedelta(hours=1))
    submission = Submission.objects.get()

    for account_id in (ADA, BORIS):
        assert says in text(as_principal(account_id).get(submission_page(submission)))
    assert says in text(as_principal(BORIS).get(review_page(submission)))
    data = api_as(ADA).get(f"/api/v1/study/submissions/{submission.id}").json()
    assert (data["submission"]["was_late"], data["submission"]["is_late"]) == (then_late, not then_late)
    attempt = data["attempts"][0]
    assert (attempt["late_seconds"] > 0, attempt["is_late"]) == (then_late, not then_late)


@pytest.mark.parametrize("path", ["/submissions/", "/cohorts/{c}/submissions/", "/cohorts/{c}/pulls/"])
def test_pages_are_for_signed_in_people(club, as_principal, path):
    answer = as_principal(None).get(path.format(c=club.cohort.id))

    assert (answer.status_code, answer["Location"][:15]) == (307, "/accounts/renew")


def test_a_submissions_page_shows_the_whole_timeline(mission, ingest, as_principal):
    ingest("pull_request", pull_request(draft=True))
    ingest("pull_request", pull_request("ready_for_review", at=1))
    ingest("pull_request", pull_request("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB))
    ingest("pull_request_review", review("changes_requested", at=2, body="<b>이름</b>을 고쳐 주세요"))
    ingest("pull_request", push(A, B, at=3))
    TimelineEvent.objects.filter(key=f"push:{B}").update(kind="force_pushed")
    ingest("check_suite", suite("success", sha=B))
    ingest("check_suite", suite("failure", sha=B, suite_id=52))
    ingest("pull_request_review", review("approved", at=5, sha=B, review_id=2))
    ingest("pull_request_review", review("commented", at=5, sha=B, review_id=3))
    ingest("pull_request_review", review("dismissed", at=6, sha=B, review_id=3, action="dismissed"))
    ingest("pull_request", closed(at=7, sha=B))
    ingest("pull_request", pull_request("reopened", at=8, sha=B))
    ingest("pull_request", pull_request("converted_to_draft", at=8, sha=B, draft=True))
    ingest("pull_request", closed(at=9, sha=B, merged=True))
    submission = Submission.objects.get()

    for account_id, locale in [(ADA, "ko"), (BORIS, "en")]:
        shown = text(as_principal(account_id, locale=locale).get(submission_page(submission)))
        assert (
            shown.count('<span class="timeline-icon')
            == TimelineEvent.objects.count() + Attempt.objects.count() + 1
        )
        assert "&lt;b&gt;이름&lt;/b&gt;" in shown
        assert "aaaaaaa</code> → <code>bbbbbbb" in shown
        assert "<b>Ada (ada-codes)</b>" in shown
        assert "<b>Boris (boris-reviews)</b>" in shown


def test_an_event_that_github_attributes_to_nobody_names_nobody(mission, ingest, as_principal):
    ingest("pull_request", pull_request())
    TimelineEvent.objects.update(actor="")

    shown = text(as_principal(ADA).get(submission_page(Submission.objects.get())))

    assert "<b></b> 님이 PR을 열었어요" in shown


def test_a_cohorts_submissions_are_for_those_who_mentor(mission, ingest, as_principal, club):
    ingest("pull_request", pull_request())
    path = f"/cohorts/{club.cohort.id}/submissions/"

    for account_id in (BORIS, OLGA):
        assert "Ada" in text(as_principal(account_id).get(path))
    for account_id in (ADA, CLARA):
        assert as_principal(account_id).get(path).status_code == 404
    assert "Ada" not in text(as_principal(OLGA).get(f"{path}?state=merged"))
    assert as_principal(OLGA).get(f"{path}?state=nonsense").status_code == 200


def test_a_cohorts_submissions_cost_two_statements(
    mission, ingest, as_principal, club, django_assert_num_queries
):
    ingest("pull_request", pull_request())
    olga = as_principal(OLGA)

    with django_assert_num_queries(2):
        olga.get(f"/cohorts/{club.cohort.id}/submissions/")


def test_handing_in_by_a_link(mission, as_principal, fake_github):
    fake_github.says(PULL, pull_request()["pull_request"])
    ada = as_principal(ADA)
    path = f"{mission_page(mission)}submit/"
    assert 'name="link"' in text(ada.get(path))

    answer = ada.post(path, {"link": LINK})

    submission = Submission.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, submission_page(submission))
    assert "제출했어요." in text(ada.get(answer["Location"]))


def test_a_refused_link_stays_in_the_form_with_the_reason(mission, as_principal, fake_github):
    ada = as_principal(ADA)
    for link in ("https://github.com/x/y/pull/1", LINK, "hello", "", "x" * 600, "a\x00b"):
        answer = ada.post(f"{mission_page(mission)}submit/", {"link": link})
        assert answer.status_code == 422
        assert ' aria-invalid="true"' in text(answer)
    assert "hello" in text(ada.post(f"{mission_page(mission)}submit/", {"link": "hello"}))


def test_while_github_is_away_the_link_is_noted_and_said_so(mission, as_principal, fake_github):
    GitHubLimit.objects.create(resumes_at=timezone.now() + timedelta(minutes=9))
    ada = as_principal(ADA)

    answer = ada.post(f"{mission_page(mission)}submit/", {"link": LINK}, follow=True)

    assert answer.status_code == 200
    assert text(answer).count("#42") == 1
    assert "GitHub이 지금 답하지 않아요" in text(answer)
    assert PendingLink.objects.get().number == 42


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (pull_request(user=person(9, "somebody")), "운영진이 확인"),
        (pull_request(draft=True), "초안"),
    ],
)
def test_a_link_that_waits_says_for_what(mission, as_principal, fake_github, payload, words):
    fake_github.says(PULL, payload["pull_request"])

    answer = as_principal(ADA).post(f"{mission_page(mission)}submit/", {"link": LINK}, follow=True)

    assert words in text(answer)
    assert not Submission.objects.exists()


def test_mentors_and_strangers_hand_in_nothing(mission, as_principal, fake_github):
    path = f"{mission_page(mission)}submit/"
    assert as_principal(BORIS).post(path, {"link": LINK}).status_code in {403, 422}
    assert as_principal(CLARA).get(path).status_code == 404
    assert as_principal(CLARA).post(path, {"link": LINK}).status_code == 404
    assert fake_github.asked == []


@pytest.fixture
def waiting(mission, ingest) -> PullRequest:
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None)
    ingest("pull_request", pull_request(number=61, user=person(999, "hanbit-dev")))
    return PullRequest.objects.get()


def test_what_waits_is_shown_to_operators_alone(waiting, as_principal, club):
    path = f"/cohorts/{club.cohort.id}/pulls/"
    olga = as_principal(OLGA)

    shown = text(olga.get(path))

    assert "hanbit-dev" in shown
    assert f'value="{club.ada.id}"' in shown
    for account_id in (ADA, BORIS, CLARA):
        assert as_principal(account_id).get(path).status_code == 404


def test_matching_asks_first_and_then_does_it(waiting, as_principal, club):
    olga = as_principal(OLGA)
    path = f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/match/?member={club.ada.id}"

    asks = text(olga.get(path))
    assert "Ada" in asks
    assert "hanbit-dev" in asks
    assert not Submission.objects.exists()
    answer = olga.post(path)

    assert answer["Location"] == f"/cohorts/{club.cohort.id}/pulls/"
    assert Submission.objects.get().membership == club.ada
    assert "모든 PR의 작성자를 확인했어요" in text(olga.get(answer["Location"]))


@pytest.mark.parametrize("member", ["", "nonsense", "boris"])
def test_matching_with_nobody_asks_for_a_member(waiting, as_principal, club, member):
    member = club.boris.id if member == "boris" else member
    answer = as_principal(OLGA).get(
        f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/match/?member={member}"
    )

    assert answer.status_code == 422
    assert 'name="member"' in text(answer)


def test_set_aside_and_taken_back(waiting, as_principal, club):
    olga = as_principal(OLGA)
    path = f"/cohorts/{club.cohort.id}/pulls/"

    olga.post(f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/dismiss/")
    assert "hanbit-dev" not in text(olga.get(path))
    assert "hanbit-dev" in text(olga.get(f"{path}?show=aside"))
    olga.post(f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/restore/")
    assert "hanbit-dev" in text(olga.get(path))


@pytest.mark.parametrize("what", ["match", "dismiss", "restore"])
@pytest.mark.parametrize("who", [ADA, BORIS, CLARA])
def test_nobody_else_settles_anything(waiting, as_principal, club, what, who):
    path = f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/{what}/?member={club.ada.id}"

    assert as_principal(who).post(path).status_code == 404
    assert (
        as_principal(who).post(f"/cohorts/{club.cohort.id}/submissions/pulls/{uuid4()}/{what}/").status_code
        == 404
    )
    assert not Submission.objects.exists()


@pytest.mark.parametrize("link", ["nonsense", "https://github.com/club/elsewhere/pull/1", LINK])
def test_a_mission_that_is_not_open_names_its_repository_nowhere(mission, as_principal, api_as, link):
    Mission.objects.update(
        opens_at=timezone.now() + timedelta(days=1), due_at=timezone.now() + timedelta(days=2)
    )
    browser, url = as_principal(ADA), f"{mission_page(mission)}submit/"

    answers = [
        browser.get(url),
        browser.post(url, {"link": link}),
        api_as(ADA).post("/api/v1/study/submissions", {"mission_id": str(mission.id), "link": link}),
    ]

    assert [answer.status_code for answer in answers] == [200, 422, 409]
    for answer in answers:
        assert mission.repository not in answer.content.decode().replace(link, "")
    assert "아직 공개되지 않은 미션이에요" in text(answers[0])
    assert 'name="link"' not in text(answers[0])
    assert not Submission.objects.exists()
