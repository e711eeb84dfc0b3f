"""Texts, links and files that are sent to Seodang itself."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chassis.errors import NotAllowed
from chassis.testing import NOW
from study.cohorts.actions import CohortClosed, close_cohort
from study.cohorts.models import Membership, Role
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.missions import create_mission
from study.missions.models import Mission
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from study.reviews.actions import release, save_draft
from study.submissions.actions import works
from study.submissions.actions.links import NotOpenYet
from study.submissions.actions.works import submit_work
from study.submissions.models import Attempt, FileContent, Submission
from tests.conftest import ADA, BORIS, OLGA, mission_page, review_page, submission_page
from tests.github.payloads import pull_request

PDF = b"%PDF-1.7 a plan"
MIB = 1024 * 1024


@pytest.fixture
def now(monkeypatch) -> SimpleNamespace:
    clock = SimpleNamespace(at=NOW)
    monkeypatch.setattr(timezone, "now", lambda: clock.at)
    return clock


@pytest.fixture
def plan(club, now):
    """A mission of every kind but pull requests, open for a week, due tomorrow."""
    return make_plan(club, accepts=["file", "text", "link"])


def make_plan(club, **changes):
    fields: dict[str, Any] = {
        "week_id": club.weeks[2].id,
        "part_id": None,
        "title": "기획서",
        "body": "",
        "repository": "",
        "opens_at": NOW - timedelta(days=7),
        "due_at": NOW + timedelta(days=1),
        "rubric": [],
    }
    return create_mission(cohort=club.cohort, at=NOW, **fields | changes, by=OLGA)


def upload(name: str = "기획.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def send(club, plan, **sent):
    return submit_work(mission=plan, membership=club.ada, **{"at": NOW, **sent})


def text_of(answer) -> str:
    text: str = answer.content.decode()
    return text


def test_a_member_submits_a_text_a_link_and_files_on_the_missions_page(club, plan, as_principal, published):
    ada = as_principal(ADA)
    page = text_of(ada.get(mission_page(plan)))
    assert 'enctype="multipart/form-data"' in page
    assert f'action="{mission_page(plan)}work/"' in page

    sent = ada.post(
        f"{mission_page(plan)}work/",
        {
            "text": "# 목표\n\n<script>alert(1)</script> **넓게**",
            "link": "https://user@figma.example/board?a=1&b=2",
            "files": [upload(), upload("그림.png", b"\x89PNG\r\n\x1a\n..")],
        },
    )

    submission = Submission.objects.get()
    assert sent["Location"] == submission_page(submission)
    shown = text_of(ada.get(sent["Location"]))
    assert "<strong>넓게</strong>" in shown
    assert "<script>alert" not in shown
    assert 'href="https://user@figma.example/board?a=1&amp;b=2" rel="noopener nofollow"' in shown
    assert ">figma.example</a>" in shown.replace("</svg>", ">").replace(">>", ">")
    assert "기획.pdf" in shown
    assert "application/pdf" in shown
    assert "GitHub" not in shown.partition("<main")[2].partition("</main")[0]
    assert (submission.state, submission.awaits_review, submission.attempts_count) == ("waiting", True, 1)
    [event] = published("study.submission_received.v1")
    assert (event["member_id"], event["attempt"], event["late"]) == (str(ADA), 1, False)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "제출할 내용이 아직 없어요"),
        ({"link": "javascript:alert(1)", "text": "그대로 남는 글"}, "https://"),
        ({"link": "ftp://club.example/a", "text": "그대로 남는 글"}, "https://"),
        ({"text": "그대로 남는 글", "files": [b""]}, "빈 파일"),
        ({"text": "그대로 남는 글", "files": [b"a" * (5 * MIB + 1)]}, "커요"),
        ({"text": "그대로 남는 글", "files": [b"a"] * 6}, "최대 5개"),
        ({"text": "그대로 남는 글", "files": [b"a" * 4 * MIB] * 3}, "모두 합치면"),
    ],
)
def test_what_cannot_be_submitted_is_said_and_what_was_typed_comes_back(sent, says, club, plan, as_principal):
    files = [upload(f"{number}.pdf", content) for number, content in enumerate(sent.pop("files", []))]
    answer = as_principal(ADA).post(f"{mission_page(plan)}work/", {**sent, "files": files})

    page = text_of(answer)
    assert answer.status_code == 422
    assert says in page
    assert sent.get("text", "") in page
    assert not Submission.objects.exists()


def test_a_mission_accepts_what_it_says(club, now, as_principal, api_as):
    texts = make_plan(club, accepts=["text"])
    page = text_of(as_principal(ADA).get(mission_page(texts)))
    assert 'name="text"' in page
    assert 'name="files"' not in page
    assert 'name="link"' not in page

    refused = api_as(ADA).post(
        f"/api/v1/study/missions/{texts.id}/work", {"text": "글", "link": "https://club.example/"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "kind_not_accepted")
    link = "https://github.com/ceos-developers/django-vote-15th/pull/42"
    refused = api_as(ADA).post("/api/v1/study/submissions", {"mission_id": str(texts.id), "link": link})
    assert (refused.status_code, refused.json()["code"]) == (422, "kind_not_accepted")
    assert not Submission.objects.exists()


def test_a_mission_that_is_not_open_takes_nothing_nor_does_a_closed_cohort(club, now, api_as):
    later = make_plan(club, accepts=["text"], opens_at=NOW + timedelta(hours=1))
    path = f"/api/v1/study/missions/{later.id}/work"
    assert api_as(ADA).post(path, {"text": "글"}).json()["code"] == "mission_not_open"

    now.at += timedelta(hours=2)
    close_cohort(cohort=club.cohort, at=now.at)
    assert api_as(ADA).post(path, {"text": "글"}).json()["code"] == "cohort_closed"


@pytest.mark.parametrize("changed", ["closed", "later", "other part", "other team", "mentor"])
def test_what_changed_since_the_page_was_read_counts(changed, club, now):
    texts = make_plan(club, accepts=["text"])
    if changed == "closed":
        close_cohort(cohort=club.cohort, at=NOW)
    elif changed == "later":
        Mission.objects.update(opens_at=NOW + timedelta(hours=1))
    elif changed == "other part":
        Mission.objects.update(part=club.frontend)
    elif changed == "other team":
        Mission.objects.update(team=club.cohort.teams.create(name="2조"))
    else:
        Membership.objects.filter(id=club.ada.id).update(role=Role.MENTOR)

    with pytest.raises({"closed": CohortClosed, "later": NotOpenYet}.get(changed, NotAllowed)):
        send(club, texts, text="글")
    assert not Submission.objects.exists()


def test_a_mission_of_another_part_takes_nothing(club, now, as_principal, api_as):
    texts = make_plan(club, accepts=["text"], part_id=club.frontend.id)

    refused = api_as(ADA).post(f"/api/v1/study/missions/{texts.id}/work", {"text": "글"})

    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert 'name="text"' not in text_of(as_principal(ADA).get(f"{mission_page(texts)}submit/"))
    answer = as_principal(ADA).post(f"{mission_page(texts)}work/", {"text": "글"})
    assert answer.status_code == 422
    assert 'role="alert"' in text_of(answer)
    assert not Submission.objects.exists()


def test_our_clock_and_the_members_deadline_decide_what_is_late(club, plan):
    grant_extension(mission=plan, membership_id=club.ada.id, hours=24, reason="병원", granted_by=OLGA, at=NOW)
    on_time = send(club, plan, text="하나", at=NOW + timedelta(days=2))
    late = send(club, plan, text="둘", at=NOW + timedelta(days=2, seconds=30))

    assert (on_time.late_seconds, on_time.counted_by) == (0, "received")
    assert late.late_seconds == 30
    submission = Submission.objects.get()
    assert (submission.state, submission.was_late) == ("resubmitted", False)


def test_a_new_sending_is_confirmed_and_replaces_the_files_before(club, plan, as_principal):
    ada, path = as_principal(ADA), f"{mission_page(plan)}work/"
    ada.post(path, {"files": [upload("처음.pdf")]})

    asked = ada.post(path, {"text": "바꿀 글"})
    assert asked.status_code == 422
    assert 'name="is_confirmed"' in text_of(asked)
    assert "바꿀 글" in text_of(asked)
    assert Attempt.objects.count() == 1

    ada.post(path, {"text": "바꿀 글", "is_confirmed": "on"})
    assert not FileContent.objects.exists()
    page = submission_page(Submission.objects.get())
    assert "바꿀 글" in text_of(ada.get(page))
    # What there was is still named.
    assert "처음.pdf" in text_of(ada.get(f"{page}?attempt=1"))


def test_it_waits_for_a_review_again_after_one_was_released(club, plan):
    send(club, plan, text="하나")
    submission = Submission.objects.get()
    save_draft(submission_id=submission.id, mentor_id=BORIS, scores={}, comment="좋아요", at=NOW)
    release(submission_id=submission.id, mentor_id=BORIS, at=NOW)
    submission.refresh_from_db()
    assert (submission.awaits_review, submission.display_state) == (False, "released")

    send(club, plan, text="둘", at=NOW + timedelta(hours=1))
    submission.refresh_from_db()
    assert (submission.awaits_review, submission.state) == (True, "resubmitted")
    assert submission.waiting_since == NOW + timedelta(hours=1)


def test_a_new_submission_reaches_a_reviewer_by_itself(club, plan, as_principal):
    type(club.cohort).objects.filter(id=club.cohort.id).update(assigns_reviewers=True)
    send(club, plan, text="글", files=[upload()])

    assert Submission.objects.get().mentor_id == BORIS
    assert "기획서" in text_of(as_principal(BORIS).get("/reviews/"))
    page = text_of(as_principal(BORIS).get(review_page(Submission.objects.get())))
    assert "기획.pdf" in page
    assert "GitHub" not in page.partition("<main")[2].partition("</main")[0]


def test_the_submission_alone_completes_a_mission(club, now):
    notes = make_plan(club, accepts=["text"], completed_by="submission")
    send(club, notes, text="글")

    submission = Submission.objects.get()
    assert (submission.state, submission.completion, submission.awaits_review) == (
        "completed",
        "submission",
        False,
    )


def test_a_pull_request_takes_over_and_what_was_sent_stays(club, now, ingest, as_principal, api_as):
    both = make_plan(club, accepts=["pull_request", "text"], repository="ceos-developers/django-vote-15th")
    send(club, both, text="먼저 쓴 글", at=NOW - timedelta(days=1))

    arrived = ingest("pull_request", pull_request())

    [submission] = Submission.objects.all()
    assert arrived.submission == submission
    assert [attempt.head_sha is None for attempt in submission.attempts.order_by("number")] == [True, False]
    assert (submission.state, submission.awaits_review) == ("resubmitted", True)
    page = text_of(as_principal(ADA).get(submission_page(submission)))
    assert "먼저 쓴 글" in page
    assert "django-vote-15th #" in page
    # The release before shows the attempts of a pull request too, and knows none but these clocks.
    assert set(submission.attempts.values_list("clock", flat=True)) == {None, "opened"}
    assert 'name="text"' not in text_of(as_principal(ADA).get(mission_page(both)))
    refused = api_as(ADA).post(f"/api/v1/study/missions/{both.id}/work", {"text": "글"})
    assert (refused.status_code, refused.json()["code"]) == (409, "submitted_by_pull_request")


def test_a_pull_request_is_not_for_a_mission_that_does_not_accept_it(club, now, ingest):
    repository = "ceos-developers/django-vote-15th"
    make_plan(club, title="과제", repository=repository, accepts=["pull_request"])
    texts = make_plan(club, title="회고", repository=repository, accepts=["text"])

    arrived = ingest("pull_request", pull_request())

    assert arrived.submission is not None
    assert arrived.submission.mission.title == "과제"
    assert texts.github_repository is None


def test_the_changed_files_of_no_commit_are_not_there(club, plan, as_principal, api_as):
    send(club, plan, text="글")
    submission = Submission.objects.get()

    assert as_principal(ADA).get(f"{submission_page(submission)}files/").status_code == 404
    assert api_as(ADA).get(f"/api/v1/study/submissions/{submission.id}/files").status_code == 404


def test_the_api_submits_and_shows_works(club, plan, api_as):
    ada, path = api_as(ADA), f"/api/v1/study/missions/{plan.id}/work"
    sent = ada.post(
        path, {"text": "글", "files": [upload(), upload("b.txt", "둘".encode())]}, format="multipart"
    )
    assert sent.status_code == 201, sent.json()

    detail = ada.get(f"/api/v1/study/submissions/{sent.json()['submission_id']}").json()
    assert (detail["submission"]["number"], detail["submission"]["url"]) == (None, None)
    [attempt] = detail["attempts"]
    assert (attempt["head_sha"], attempt["source"], attempt["clock"]) == (None, "direct", "received")
    assert attempt["work"]["text"] == "글"
    assert [(file["name"], file["content_type"], file["size"]) for file in attempt["work"]["files"]] == [
        ("기획.pdf", "application/pdf", len(PDF)),
        ("b.txt", "text/plain", 3),
    ]
    file_id = attempt["work"]["files"][0]["id"]
    content = ada.get(f"/api/v1/study/submissions/{sent.json()['submission_id']}/works/{file_id}")
    assert b"".join(content.streaming_content) == PDF


def test_a_form_sent_twice_is_one_attempt(club, plan, as_principal):
    ada, path = as_principal(ADA), f"{mission_page(plan)}work/"
    key = {"idempotency_key": "6f0d1a52-6a0c-4a55-8d0f-2b7b5f1f8a11"}

    first = ada.post(path, {"text": "글", "files": [upload()], **key})
    second = ada.post(path, {"text": "글", "files": [upload()], **key})

    assert first["Location"] == second["Location"]
    assert Attempt.objects.count() == 1


def test_the_account_exports_what_it_sent_and_its_end_erases_it(club, plan, as_principal):
    send(club, plan, text="내 글", link="https://club.example/a", files=[upload()])
    submission = Submission.objects.get()

    exported = export_personal_data(ADA)
    [work] = exported["works"]
    assert (work["text"], work["link"], work["attempt"]) == ("내 글", "https://club.example/a", 1)
    [file] = exported["files"]
    assert file["name"] == "기획.pdf"
    assert as_principal(ADA).get(file["path"]).status_code == 200
    assert [row["pull_request"] for row in exported["submissions"]] == [None]

    delete_personal_data(account_id=ADA, at=NOW)
    assert not FileContent.objects.exists()
    page = text_of(as_principal(OLGA).get(submission_page(submission)))
    assert "내 글" not in page
    assert "기획.pdf" not in page
    assert submission.attempts.count() == 1


def test_only_the_attempt_that_is_asked_for_is_rendered(club, plan, as_principal):
    for text in ["첫 글", "둘째 글"]:
        send(club, plan, text=text)
    submission = Submission.objects.get()
    path = submission_page(submission)

    newest, first = (
        as_principal(ADA).get(address).content.decode() for address in (path, f"{path}?attempt=1")
    )

    assert ("둘째 글" in newest, "첫 글" in newest, "?attempt=1" in newest) == (True, False, True)
    assert ("둘째 글" in first, "첫 글" in first, "?attempt=2" in first) == (False, True, True)


def test_a_submission_has_a_number_of_attempts_at_most(club, plan, monkeypatch):
    monkeypatch.setattr(works, "MAX_ATTEMPTS", 2)
    for text in ["첫 글", "둘째 글"]:
        send(club, plan, text=text)

    with pytest.raises(works.AttemptLimitReached):
        send(club, plan, text="셋째 글")

    assert Attempt.objects.count() == 2
