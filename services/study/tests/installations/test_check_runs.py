"""Check runs: what the head commit of a submission shows on GitHub, and when nothing is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chassis.testing import NOW
from chassis.testing.github import APP_ID, installation, repository
from study.github.models import TimelineEvent
from study.installations.models import CheckRun, CheckRunRequest
from study.installations.tasks import (
    process_check_run_requests,
    request_all_check_runs,
    send_check_runs,
    sync_installations,
)
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.missions import update_mission
from study.submissions.actions.grading import record_score
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA, submission_page
from tests.github.payloads import (
    REPOSITORY,
    A,
    B,
    closed,
    isoformat,
    pull_request,
    push,
    review,
)

pytestmark = pytest.mark.django_db
CHECKS = f"/repos/{REPOSITORY}/check-runs"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def submitted_body(server: Any) -> Any:
    """Return what was sent last."""
    return server.checks[-1][2]


class TestWhatIsSent:
    def test_a_submission_in_time_is_green_with_its_state_and_link(self, submitted):
        [(method, path, body)] = submitted.checks
        submission = Submission.objects.get()
        assert (method, path) == ("POST", CHECKS)
        assert body["head_sha"] == A
        assert body["name"] == f"seodang/{submission.mission.title}"
        assert (body["status"], body["conclusion"]) == ("completed", "success")
        assert body["output"]["title"] == "기한 내 · 리뷰 대기"
        assert body["details_url"] == f"http://testserver{submission_page(submission)}"
        assert body["details_url"] in body["output"]["summary"]
        assert "Ada" not in str(body)

    def test_it_has_the_token_of_its_installation(self, submitted):
        used = [token for _method, path, token in submitted.asked if path == CHECKS]
        assert [submitted.tokens[token] for token in used] == [77]

    def test_nothing_is_sent_twice(self, submitted, send):
        for _ in range(2):
            send("pull_request", pull_request())
            CheckRun.objects.update(next_attempt_at=timezone.now())
            send_check_runs()

        assert len(submitted.checks) == 1

    def test_a_late_submission_is_neutral_and_never_a_failure(self, installed, mission, send):
        mission.due_at = NOW - timedelta(days=1)
        mission.save()

        send("pull_request", pull_request())
        send_check_runs()

        body = submitted_body(installed)
        assert body["conclusion"] == "neutral"
        assert body["output"]["title"].startswith("지각 · ")

    def test_a_review_updates_the_same_check_run(self, submitted, send):
        send("pull_request_review", review("changes_requested", at=5))
        send_check_runs()

        method, path, body = submitted.checks[-1]
        assert (method, path) == ("PATCH", f"{CHECKS}/1")
        assert body["conclusion"] == "neutral"
        assert body["output"]["title"] == "기한 내 · 수정 요청"
        assert "head_sha" not in body

    def test_a_released_score_is_shown_without_the_score(self, submitted):
        record_score(submission=Submission.objects.get(), points=7, max_points=9, at=timezone.now(), by=OLGA)
        send_check_runs()

        body = submitted_body(submitted)
        assert body["output"]["title"] == "기한 내 · 결과 공개"
        assert not {"7", "9"} & set(body["output"]["title"] + body["name"])

    def test_an_extension_ends_the_lateness(self, club, installed, mission, send):
        mission.due_at = timezone.now() - timedelta(hours=1)
        mission.save()
        send("pull_request", pull_request(created_at=isoformat(timezone.now())))
        send_check_runs()
        assert submitted_body(installed)["conclusion"] == "neutral"

        grant_extension(
            mission=mission,
            membership_id=club.ada.id,
            hours=48,
            reason="아파서",
            granted_by=OLGA,
            at=timezone.now(),
        )
        process_check_run_requests()
        send_check_runs()

        assert submitted_body(installed)["conclusion"] == "success"

    def test_a_push_has_its_own_check_run(self, submitted, send):
        send("pull_request", push(A, B, at=5))
        send_check_runs()

        assert [(method, body["head_sha"]) for method, _path, body in submitted.checks] == [
            ("POST", A),
            ("POST", B),
        ]

    def test_what_was_closed_is_neutral(self, submitted, send):
        send("pull_request", closed(at=5))
        send_check_runs()

        assert submitted_body(submitted)["conclusion"] == "neutral"

    def test_another_title_of_the_mission_is_another_name(self, club, submitted, mission, as_principal):
        update_mission(
            mission=mission,
            week_id=mission.week_id,
            part_id=mission.part_id,
            title="새 미션",
            body="",
            repository=REPOSITORY,
            opens_at=mission.opens_at,
            due_at=mission.due_at,
            at=timezone.now(),
            by=OLGA,
        )
        process_check_run_requests()
        send_check_runs()

        assert submitted_body(submitted)["name"] == "seodang/새 미션"

    def test_it_is_in_the_language_of_the_installation(self, installed, send, settings):
        settings.LANGUAGE_CODE = "en"

        send("pull_request", pull_request())
        send_check_runs()

        assert submitted_body(installed)["output"]["title"] == "On time · Waiting for review"


class TestWhereNothingIsSent:
    def test_without_an_installation(self, connected, mission, send):
        send("pull_request", pull_request())
        send_check_runs()

        assert connected.checks == []
        assert not CheckRun.objects.exists()

    def test_once_the_installation_is_removed(self, submitted, send):
        submitted.remove(77)
        send("installation", {"action": "deleted", "installation": installation(77, "ceos-developers")})

        send("pull_request", closed(at=5))
        send_check_runs()

        assert len(submitted.checks) == 1

    def test_in_a_cohort_that_has_turned_them_off(self, club, submitted, send, as_principal):
        path = f"/cohorts/{club.cohort.id}/hook/app/"
        olga = as_principal(OLGA)
        assert "검사 끄기" in text(olga.get(path))

        answer = olga.post(f"{path}checks/", {"is_on": "0"}, follow=True)
        send("pull_request", closed(at=5))
        send("pull_request", pull_request(number=43, sha=B))
        send_check_runs()

        assert "GitHub에 검사 표시하기" in text(answer)
        assert len(submitted.checks) == 1

    def test_of_a_pull_request_that_is_no_submission(self, installed, send):
        send("pull_request", pull_request(user={"id": 999, "login": "nobody", "type": "User"}))
        send_check_runs()

        assert installed.checks == []

    def test_of_an_earlier_head(self, installed, send):
        send("pull_request", pull_request())
        send("pull_request", push(A, B, at=5))
        send_check_runs()

        assert [body["head_sha"] for _method, _path, body in installed.checks] == [B]


class TestTurningOn:
    def test_what_was_there_before_the_app_is_sent(self, club, connected, mission, send, as_principal):
        send("pull_request", pull_request())
        connected.install(77, REPOSITORY.partition("/")[0], repository(501, REPOSITORY))
        sync_installations()
        send_check_runs()
        assert connected.checks == []

        as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/hook/app/checks/", {"is_on": "1"})
        process_check_run_requests()
        send_check_runs()

        assert [body["head_sha"] for _method, _path, body in connected.checks] == [A]

    @pytest.mark.parametrize("who", [ADA, BORIS, CLARA])
    def test_only_operators_do(self, club, submitted, as_principal, who):
        path = f"/cohorts/{club.cohort.id}/hook/app/checks/"

        assert as_principal(who).post(path, {"is_on": "0"}).status_code == 404
        club.cohort.refresh_from_db()
        assert club.cohort.has_check_runs


class TestEveryDay:
    def test_what_no_change_has_requested_is_sent(self, submitted, mission):
        mission.title = "새 미션"
        mission.save(update_fields=["title"])

        request_all_check_runs()
        process_check_run_requests()
        send_check_runs()

        assert submitted_body(submitted)["name"] == "seodang/새 미션"

    def test_closed_cohorts_rest(self, club, submitted):
        club.cohort.closed_at = timezone.now()
        club.cohort.save(update_fields=["closed_at"])

        request_all_check_runs()

        assert not CheckRunRequest.objects.filter(cohort_id=club.cohort.id).exists()


class TestOwnChecks:
    @pytest.mark.parametrize(("app_id", "expected"), [(APP_ID, 0), (15368, 1)])
    def test_the_apps_own_suite_is_not_in_the_timeline(self, submitted, send, app_id, expected):
        suite = {
            "id": 8,
            "head_sha": A,
            "status": "completed",
            "conclusion": "success",
            "updated_at": isoformat(NOW),
            "app": {"id": app_id, "name": "An app"},
        }
        payload = {"action": "completed", "check_suite": suite, "repository": pull_request()["repository"]}

        send("check_suite", payload)

        assert TimelineEvent.objects.filter(kind="checks_passed").count() == expected
