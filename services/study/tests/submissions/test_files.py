"""Files that are sent to Seodang itself: stored in pieces, limited, replaced, and downloaded only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.reviews.actions import release, save_draft
from study.submissions.actions.works import QuotaExceeded
from study.submissions.models import Attempt, Submission, SubmittedFile, is_stored
from study.submissions.queries.works import read_chunks
from tests.conftest import ADA, BORIS, CLARA, OLGA, mission_page, review_page, submission_page
from tests.submissions.test_works import MIB, make_plan, send, text_of, upload


@pytest.fixture
def plan(club, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return make_plan(club, accepts=["file", "text", "link"])


def test_a_file_is_downloaded_and_never_rendered(club, plan, as_principal):
    send(club, plan, files=[upload('계획 "1".html', b"<script>alert(1)</script>")])
    file = SubmittedFile.objects.get()
    path = f"{submission_page(Submission.objects.get())}works/{file.id}/"

    for who in (ADA, BORIS, OLGA):
        answer = as_principal(who).get(path)
        assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "private" in answer["Cache-Control"]
        assert answer["Content-Length"] == "25"
    assert file.content_type == "text/plain"

    assert as_principal(CLARA).get(path).status_code == 404
    other = Membership.objects.create(cohort=club.cohort, account_id=CLARA, role=Role.MEMBER, joined_at=NOW)
    assert as_principal(other.account_id).get(path).status_code == 404


def test_a_large_file_is_read_in_pieces(club, plan, django_assert_num_queries):
    content = bytes(range(256)) * 10_000
    send(club, plan, files=[upload("a.bin", content)])
    file_id = SubmittedFile.objects.get().id

    with django_assert_num_queries(6):
        pieces = list(read_chunks(file_id))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= MIB // 2


def test_no_page_and_no_list_loads_the_content_of_a_file(club, plan, as_principal, api_as):
    send(club, plan, files=[upload()])
    submission = Submission.objects.get()

    with CaptureQueriesContext(connection) as context:
        for path in [
            submission_page(submission),
            "/submissions/",
            mission_page(plan),
        ]:
            assert as_principal(ADA).get(path).status_code == 200
        for path in [review_page(submission), f"/cohorts/{club.cohort.id}/submissions/"]:
            assert as_principal(OLGA).get(path).status_code == 200
        assert api_as(ADA).get(f"/api/v1/study/submissions/{submission.id}").status_code == 200

    statements = [query["sql"] for query in context.captured_queries]
    assert statements
    assert not [sql for sql in statements if '"content" ' in sql or '"content",' in sql or "`content`" in sql]


def test_a_full_quota_says_how_much_is_used(club, plan, as_principal, settings):
    settings.COHORT_FILES_MIB = 1
    # Of an earlier mission.
    send(club, make_plan(club, accepts=["file"]), files=[upload(content=b"a" * (MIB - 100))])

    answer = as_principal(ADA).post(
        f"{mission_page(plan)}work/", {"files": [upload()] * 7, "is_confirmed": "on"}
    )
    assert answer.status_code == 422
    answer = as_principal(ADA).post(
        f"{mission_page(plan)}work/", {"files": [upload(content=b"a" * 200)], "is_confirmed": "on"}
    )
    assert answer.status_code == 422
    assert "1.0" in text_of(answer)
    assert SubmittedFile.objects.filter(is_stored()).count() == 1


def test_what_is_replaced_does_not_count_beside_what_replaces_it(club, plan, settings):
    settings.COHORT_FILES_MIB = 1
    send(club, plan, files=[upload("처음.pdf", b"a" * (MIB - 100))])

    send(club, plan, files=[upload("고친.pdf", b"a" * (MIB - 100))])
    with pytest.raises(QuotaExceeded):
        send(club, plan, files=[upload("너무 큰.pdf", b"a" * (MIB + 1))])

    [stored] = SubmittedFile.objects.filter(is_stored())
    assert stored.name == "고친.pdf"


def test_what_was_reviewed_and_what_was_there_at_the_deadline_stays(club, plan):
    send(club, plan, files=[upload("리뷰한.pdf")])
    submission = Submission.objects.get()
    save_draft(submission_id=submission.id, mentor_id=BORIS, scores={}, comment="좋아요", at=NOW)
    release(submission_id=submission.id, mentor_id=BORIS, at=NOW)
    send(club, plan, files=[upload("제때.pdf")], at=NOW + timedelta(hours=1))
    send(club, plan, files=[upload("늦은.pdf")], at=NOW + timedelta(days=2))
    send(club, plan, files=[upload("더 늦은.pdf")], at=NOW + timedelta(days=3))

    stored = SubmittedFile.objects.filter(is_stored()).order_by("work__attempt__number")
    assert [file.name for file in stored] == ["리뷰한.pdf", "제때.pdf", "더 늦은.pdf"]


def test_a_large_form_with_an_idempotency_key_is_submitted_once(club, plan, api_as):
    path = f"/api/v1/study/missions/{plan.id}/work"

    def post():
        return api_as(ADA).post(
            path,
            {"files": [upload(content=b"a" * 3 * MIB)]},
            format="multipart",
            headers={"Idempotency-Key": "one"},
        )

    assert (post().status_code, post().status_code) == (201, 201)
    assert Attempt.objects.count() == 1
