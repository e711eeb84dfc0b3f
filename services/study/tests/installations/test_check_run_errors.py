"""Check runs that GitHub refuses, and attempts that overlap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chassis.testing.github import installation
from study.github.client import GitHubUnavailable
from study.github.models import GitHubLimit, PullRequest
from study.installations.actions.check_runs import MAX_ATTEMPTS, request_check_runs, send_check_run
from study.installations.client import CheckRunClient
from study.installations.models import CheckRun, CheckRunRequest, GitHubApp
from study.installations.tasks import (
    process_check_run_requests,
    send_check_runs,
    sync_installations,
)
from tests.conftest import OLGA
from tests.github.payloads import (
    REPOSITORY,
    A,
    closed,
    pull_request,
    review,
)

pytestmark = pytest.mark.django_db
CHECKS = f"/repos/{REPOSITORY}/check-runs"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def submitted_body(server: Any) -> Any:
    """Return what was sent last."""
    return server.checks[-1][2]


class CheckRunClientThatCalls(CheckRunClient):
    """Something happens while GitHub answers."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__("http://127.0.0.1:1", "")
        self.meanwhile = meanwhile

    def find_check_run(self, repository: str, head_sha: str, external_id: str) -> None:
        return None

    def create_check_run(self, repository: str, body: dict[str, Any]) -> int:
        self.meanwhile()
        return 1

    def update_check_run(self, repository: str, check_run_id: int, body: dict[str, Any]) -> None:
        self.meanwhile()


def make_due() -> None:
    """Let the time pass until the next attempt."""
    CheckRun.objects.exclude(next_attempt_at=None).update(next_attempt_at=timezone.now())
    GitHubLimit.objects.all().delete()


class TestErrors:
    def test_a_missing_permission_is_shown_and_not_asked_for_again(self, club, installed, send, as_principal):
        installed.refused = (403, {"message": "Resource not accessible by integration"}, {})
        send("pull_request", pull_request())
        for _ in range(3):
            send_check_runs()
            make_due()

        assert len(installed.checks) == 1
        page = text(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/hook/app/"))
        assert "Resource not accessible by integration" in page
        assert "앱에 권한" in page

        installed.refused = None
        as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/hook/app/checks/", {"is_on": "1"})
        process_check_run_requests()
        send_check_runs()

        assert len(installed.checks) == 2
        assert "not accessible" not in text(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/hook/app/"))

    def test_the_api_says_so_too(self, club, installed, send, api_as):
        installed.refused = (403, {"message": "Resource not accessible by integration"}, {})
        send("pull_request", pull_request())
        send_check_runs()

        answer = api_as(OLGA).get(f"/api/v1/study/cohorts/{club.cohort.id}/github").json()

        assert answer["check_run_problems"] == [
            {
                "repository": REPOSITORY,
                "error": "refused",
                "message": "Resource not accessible by integration",
                "count": 1,
            }
        ]
        assert (answer["app"]["has_webhook"], answer["has_check_runs"]) == (True, True)
        assert [found["account_login"] for found in answer["installations"]] == ["ceos-developers"]
        assert "secret" not in str(answer)

    def test_others_of_the_repository_are_not_tried(self, installed, send):
        send("pull_request", pull_request())
        row = CheckRun.objects.get()
        CheckRun.objects.create(
            pull_request=row.pull_request, head_sha="other", next_attempt_at=row.next_attempt_at
        )
        PullRequest.objects.update(head_sha=A)
        installed.refused = (404, {"message": "Not Found"}, {})

        send_check_runs()

        assert len(installed.checks) == 1
        assert set(CheckRun.objects.values_list("error", "next_attempt_at")) == {("not_found", None)}

    def test_a_permission_that_is_granted_sends_it(self, installed, send):
        installed.refused = (403, {"message": "Resource not accessible by integration"}, {})
        send("pull_request", pull_request())
        send_check_runs()
        installed.refused = None

        data = installation(77, REPOSITORY.partition("/")[0])
        send("installation", {"action": "new_permissions_accepted", "installation": data})
        send_check_runs()

        assert len(installed.checks) == 2
        assert CheckRun.objects.get().error == ""

    def test_a_rate_limit_is_obeyed_for_all(self, installed, send):
        installed.refused = (403, {"message": "API rate limit exceeded"}, {"Retry-After": "600"})
        send("pull_request", pull_request())

        for _ in range(3):
            send_check_runs()

        assert len(installed.checks) == 1
        row = CheckRun.objects.get()
        assert (row.error, row.sent) == ("", None)
        assert row.next_attempt_at
        assert row.next_attempt_at > timezone.now() + timedelta(minutes=9)
        installed.refused = None
        make_due()
        send_check_runs()
        row.refresh_from_db()
        assert row.sent is not None

    def test_a_github_that_does_not_answer_is_asked_later(self, installed, send):
        installed.refused = (502, {}, {})
        send("pull_request", pull_request())

        send_check_runs()
        send_check_runs()

        assert len(installed.checks) == 1
        installed.refused = None
        make_due()
        send_check_runs()
        assert len(installed.checks) == 2

    def test_it_ends_after_many_attempts(self, installed, send):
        installed.refused = (502, {}, {})
        send("pull_request", pull_request())
        CheckRun.objects.update(attempts=MAX_ATTEMPTS - 1)

        send_check_runs()

        row = CheckRun.objects.get()
        assert (row.error, row.next_attempt_at) == ("unavailable", None)

    def test_what_github_may_have_shown_without_an_answer_is_put_right(self, submitted, mission):
        def lose_the_answer() -> None:
            raise GitHubUnavailable("no answer")

        before = mission.title
        mission.title = "새 미션"
        mission.save(update_fields=["title"])
        CheckRun.objects.update(next_attempt_at=timezone.now())
        github = CheckRunClientThatCalls(lose_the_answer)
        with pytest.raises(GitHubUnavailable):
            send_check_run(check_run_id=CheckRun.objects.get().id, github=github, at=timezone.now())

        mission.title = before
        mission.save(update_fields=["title"])
        make_due()
        send_check_runs()

        assert [(method, body["name"]) for method, _path, body in submitted.checks[1:]] == [
            ("PATCH", f"seodang/{before}")
        ]

    def test_a_revoked_token_is_replaced_at_once(self, submitted, send):
        submitted.tokens.clear()

        send("pull_request", closed(at=5))
        send_check_runs()

        assert submitted.checks[-1][0] == "PATCH"
        assert submitted_body(submitted)["conclusion"] == "neutral"
        assert CheckRun.objects.get().sent == submitted_body(submitted)

    def test_a_check_run_that_github_has_no_more_is_created_again(self, club, submitted, send, as_principal):
        submitted.refused = (404, {"message": "Not Found"}, {})
        send("pull_request", closed(at=5))
        send_check_runs()
        submitted.refused = None
        submitted.runs.clear()

        as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/hook/app/checks/", {"is_on": "1"})
        process_check_run_requests()
        send_check_runs()

        assert [method for method, _path, _body in submitted.checks] == ["POST", "PATCH", "POST"]

    def test_one_whose_creation_was_not_stored_is_found_again(self, submitted, send):
        CheckRun.objects.update(github_id=None, sent=None)

        send("pull_request", closed(at=5))
        send_check_runs()

        assert [method for method, _path, _body in submitted.checks] == ["POST", "PATCH"]
        assert CheckRun.objects.get().sent == submitted_body(submitted)

    def test_one_that_fails_keeps_no_other_from_being_sent(self, installed, send):
        installed.refused = (502, {}, {})
        send("pull_request", pull_request())
        send_check_runs()
        installed.refused = None
        first = CheckRun.objects.get()
        CheckRun.objects.create(
            pull_request=first.pull_request, head_sha="earlier", next_attempt_at=timezone.now()
        )

        send_check_runs()

        waiting = CheckRun.objects.exclude(next_attempt_at=None)
        assert list(waiting.values_list("head_sha", flat=True)) == [A]

    def test_nothing_is_asked_while_github_refuses_the_app(self, installed, send):
        send("pull_request", pull_request())
        GitHubApp.objects.update(refused_at=timezone.now())

        send_check_runs()

        assert installed.checks == []
        GitHubApp.objects.update(refused_at=None)
        send_check_runs()
        assert len(installed.checks) == 1

    def test_a_permission_that_a_poll_shows_sends_it(self, installed, send):
        installed.refused = (403, {"message": "Resource not accessible by integration"}, {})
        send("pull_request", pull_request())
        send_check_runs()
        installed.refused = None

        sync_installations()
        send_check_runs()
        assert len(installed.checks) == 1

        installed.installations[77]["updated_at"] = "2026-11-21T00:00:00Z"
        sync_installations()
        send_check_runs()
        assert len(installed.checks) == 2

    def test_no_token_is_logged(self, submitted, send, capsys, caplog):
        tokens = list(submitted.tokens)
        submitted.tokens.clear()
        submitted.refused = (403, {"message": "Resource not accessible by integration"}, {})
        send("pull_request", closed(at=5))
        send_check_runs()

        logged = "".join(capsys.readouterr()) + caplog.text
        assert not [token for token in [*tokens, *submitted.tokens] if token in logged]


class TestOverlapping:
    def test_a_change_while_it_is_sent_is_sent_after_that_and_not_beside(self, installed, send):
        send("pull_request", pull_request())

        def change() -> None:
            send("pull_request_review", review("changes_requested", at=5))
            send_check_runs()

        github = CheckRunClientThatCalls(change)
        send_check_run(check_run_id=CheckRun.objects.get().id, github=github, at=timezone.now())
        assert installed.checks == []

        send_check_runs()
        assert [method for method, _path, _body in installed.checks] == ["PATCH"]
        assert submitted_body(installed)["output"]["title"] == "기한 내 · 수정 요청"

    def test_an_attempt_that_outlives_its_lease_is_followed_by_another(self, submitted, send):
        send("pull_request", closed(at=5))
        row = CheckRun.objects.get()

        def outlive() -> None:
            CheckRun.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=9))

        github = CheckRunClientThatCalls(outlive)
        send_check_run(check_run_id=row.id, github=github, at=timezone.now())
        make_due()
        send_check_runs()

        assert len(submitted.checks) == 2
        row.refresh_from_db()
        assert (row.sent, row.next_attempt_at) == (submitted_body(submitted), None)

    def test_the_newest_of_two_that_were_created_at_once_is_put_right(self, installed, send):
        send("pull_request", pull_request())
        row = CheckRun.objects.get()

        class Late(CheckRunClient):
            def create_check_run(self, repository: str, body: dict[str, Any]) -> int:
                CheckRun.objects.update(next_attempt_at=timezone.now())
                send_check_runs()
                send("pull_request_review", review("changes_requested", at=5))
                send_check_runs()
                return super().create_check_run(repository, body)

        send_check_run(check_run_id=row.id, github=Late(installed.url, ""), at=timezone.now())
        assert [run["output"]["title"] for run in installed.check_runs(REPOSITORY)] == [
            "기한 내 · 리뷰 대기",
            "기한 내 · 수정 요청",
        ]
        send_check_runs()

        newest = installed.check_runs(REPOSITORY)[0]
        row.refresh_from_db()
        assert (row.github_id, newest["output"]["title"]) == (newest["id"], "기한 내 · 수정 요청")

    def test_an_aborted_request_is_repeated(self, club, submitted, mission):
        request_check_runs(cohort_id=club.cohort.id, mission_id=mission.id)
        mission.title = "새 미션"
        mission.save(update_fields=["title"])
        CheckRun.objects.update(next_attempt_at=None)

        for _ in range(2):
            process_check_run_requests()
            send_check_runs()

        assert not CheckRunRequest.objects.exists()
        assert [body["name"] for _method, _path, body in submitted.checks[1:]] == ["seodang/새 미션"]
