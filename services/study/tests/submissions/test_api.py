"""The same by REST."""

from __future__ import annotations

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import assert_constant_queries
from study.github.models import PullRequest
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.github.payloads import REPOSITORY, A, B, person, pull_request, push

pytestmark = pytest.mark.django_db

API = "/api/v1/study"
LINK = f"https://github.com/{REPOSITORY}/pull/42"


def test_my_submissions_cost_a_single_statement(mission, ingest, api_as, django_assert_num_queries):
    ingest("pull_request", pull_request())
    api = api_as(ADA)

    with django_assert_num_queries(1):
        answer = api.get(f"{API}/submissions")

    (row,) = answer.json()["results"]
    assert (row["mission_title"], row["state"], row["attempts"]) == ("django-vote", "waiting", 1)
    assert (row["name"], row["mentor"], row["points"]) == ("Ada", None, None)
    assert answer.json()["next"] is None
    assert api_as(CLARA).get(f"{API}/submissions").json()["results"] == []


def test_a_submission_with_its_timeline_costs_the_same_however_long_it_is(mission, ingest, api_as):
    ingest("pull_request", pull_request())
    submission = Submission.objects.get()
    api = api_as(BORIS)

    assert_constant_queries(
        lambda: api.get(f"{API}/submissions/{submission.id}"),
        lambda: ingest("pull_request", push(A, B, at=3)),
    )

    data = api.get(f"{API}/submissions/{submission.id}").json()

    assert [attempt["number"] for attempt in data["attempts"]] == [1, 2]
    assert [timeline_event["kind"] for timeline_event in data["timeline"]] == ["opened", "commits_pushed"]
    assert data["submission"]["id"] == str(submission.id)
    assert api_as(CLARA).get(f"{API}/submissions/{submission.id}").status_code == 404


def test_handing_in_by_a_link(mission, api_as, fake_github):
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42", pull_request()["pull_request"])

    answer = api_as(ADA).post(f"{API}/submissions", {"mission_id": str(mission.id), "link": LINK})

    assert answer.status_code == 201
    assert answer.json() == {"submission_id": str(Submission.objects.get().id), "outcome": "submitted"}


def test_a_link_that_waits_is_accepted(mission, api_as, fake_github):
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42", pull_request(user=person(9, "x"))["pull_request"])
    body = {"mission_id": str(mission.id), "link": LINK}

    answer = api_as(ADA).post(f"{API}/submissions", body)
    assert (answer.status_code, answer.json()) == (202, {"submission_id": None, "outcome": "claimed"})
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42", {}, 500)
    answer = api_as(ADA).post(f"{API}/submissions", body)
    assert (answer.status_code, answer.json()["outcome"]) == (202, "queued")


def test_a_link_that_leads_elsewhere_is_a_problem_at_its_field(mission, api_as, fake_github):
    answer = api_as(ADA).post(f"{API}/submissions", {"mission_id": str(mission.id), "link": "hello"})

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_pull_request_link")
    assert "link" in answer.json()["errors"]
    assert api_as(ADA, scope="read").post(f"{API}/submissions", {}).status_code == 403
    assert api_as(ADA).post(f"{API}/submissions", {"link": LINK}).status_code == 400


def test_a_cohorts_submissions_cost_two_statements(mission, ingest, api_as, club, django_assert_num_queries):
    ingest("pull_request", pull_request())
    api = api_as(BORIS)

    with django_assert_num_queries(2):
        rows = api.get(f"{API}/cohorts/{club.cohort.id}/submissions").json()["results"]

    assert [row["name"] for row in rows] == ["Ada"]
    assert api.get(f"{API}/cohorts/{club.cohort.id}/submissions?state=merged").json()["results"] == []
    assert api.get(f"{API}/cohorts/{club.cohort.id}/submissions?state=odd").status_code == 400
    assert api_as(ADA).get(f"{API}/cohorts/{club.cohort.id}/submissions").status_code == 404


def test_an_operator_settles_what_waits(mission, ingest, api_as, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None)
    ingest("pull_request", pull_request(user=person(999, "hanbit-dev")))
    waiting = PullRequest.objects.get()
    api = api_as(OLGA)
    path = f"{API}/cohorts/{club.cohort.id}/pulls"

    (row,) = api.get(path).json()["results"]
    assert (row["id"], row["reason"]) == (str(waiting.id), "unknown_person")

    assert api.post(f"{API}/pulls/{waiting.id}/dismiss").status_code == 204
    assert api.get(path).json()["results"] == []
    assert len(api.get(f"{path}?show=aside").json()["results"]) == 1
    assert api.post(f"{API}/pulls/{waiting.id}/restore").status_code == 204
    answer = api.post(f"{API}/pulls/{waiting.id}/match", {"membership_id": str(club.ada.id)})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "submitted")
    assert api.post(f"{API}/pulls/{waiting.id}/dismiss").json()["code"] == "already_matched"
    assert (
        api.post(f"{API}/pulls/{waiting.id}/match", {"membership_id": str(club.boris.id)}).status_code == 404
    )


def test_the_document_names_every_operation(api_as, db):
    document = api_as(ADA).get(f"{API}/openapi.json").json()
    named = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}

    assert named >= {
        *("list_submissions", "create_submission", "get_submission", "list_cohort_submissions"),
        *("list_pull_requests", "match_pull_request", "dismiss_pull_request", "restore_pull_request"),
        *("get_hook", "create_hook", "rotate_hook_secret", "list_deliveries"),
    }
