"""Poll often without a live webhook, and rarely with one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.cohorts.actions import close_cohort
from study.github.actions import polling
from study.github.models import GitHubLimit, PullRequest, Repository, Source
from study.github.queries import pull_requests_to_poll
from study.github.tasks import poll_pull_requests
from study.missions.models import Mission
from study.submissions.actions.matching import dismiss_pull_request
from study.submissions.models import Attempt, Submission
from study.submissions.queries.pending import repositories_to_poll
from study.submissions.tasks import discover_new_pull_requests
from tests.conftest import OLGA
from tests.github.payloads import REPOSITORY, A, B, closed, fixture, person, pull_request
from tests.submissions.conftest import fake_github, ingest

__all__ = ["fake_github", "ingest"]

pytestmark = pytest.mark.django_db


def ago(**span) -> None:
    PullRequest.objects.update(polled_at=timezone.now() - timedelta(**span))


def deadline() -> list[UUID]:
    return pull_requests_to_poll(timezone.now(), limit=9)


def test_without_a_webhook_an_open_pull_request_is_asked_about_every_ten_minutes(mission, ingest):
    ingest("pull_request", pull_request())
    ago(minutes=9)
    assert deadline() == []
    ago(minutes=11)
    assert deadline() == [PullRequest.objects.get().id]


def test_with_a_webhook_that_is_heard_it_is_asked_about_every_six_hours(mission, ingest, webhook, send):
    send("ping", fixture("ping"))
    ingest("pull_request", pull_request())
    ago(hours=5)
    assert deadline() == []
    ago(hours=7)
    assert len(deadline()) == 1


def test_a_webhook_that_was_never_heard_is_as_good_as_none(mission, ingest, webhook):
    ingest("pull_request", pull_request())
    ago(minutes=11)
    assert len(deadline()) == 1


def test_what_was_just_handed_in_by_a_link_comes_first_whatever_its_state(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", closed(at=2, number=43, merged=True, user=person(9, "x")))
    ago(minutes=11)
    PullRequest.objects.filter(number=43).update(polled_at=None)

    assert deadline() == [PullRequest.objects.get(number=43).id, PullRequest.objects.get(number=42).id]


def test_what_is_over_or_set_aside_is_not_asked_about(mission, ingest, club):
    ingest("pull_request", closed(at=2, merged=True))
    ago(days=9)
    assert deadline() == []
    ingest("pull_request", pull_request(number=43, user=person(9, "x")))
    ago(days=9)
    dismiss_pull_request(pull_request=PullRequest.objects.get(number=43), by=OLGA, at=NOW)
    assert deadline() == []


def test_what_the_webhook_told_need_not_be_asked(mission, send):
    send("pull_request", pull_request())

    assert deadline() == []


def test_a_round_asks_and_takes_in(mission, ingest, fake_github):
    ingest("pull_request", pull_request())
    ago(hours=1)
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42", closed(at=4, merged=True)["pull_request"])
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42/reviews", [])

    poll_pull_requests()

    assert Submission.objects.get().state == "merged"
    assert deadline() == []


def test_a_round_stops_at_the_first_failure_and_begins_with_another_next_time(mission, ingest, fake_github):
    for number in (42, 43, 44):
        ingest("pull_request", pull_request(number=number, user=person(number, f"x{number}")))
    ago(hours=1)
    fake_github.says(f"/repos/{REPOSITORY}/pulls/42", {}, 500)
    fake_github.says(f"/repos/{REPOSITORY}/pulls/43", {}, 500)
    fake_github.says(f"/repos/{REPOSITORY}/pulls/44", {}, 500)

    for _ in range(3):
        poll_pull_requests()

    assert sorted(fake_github.paths) == [f"/repos/{REPOSITORY}/pulls/{n}" for n in (42, 43, 44)]


LIST = f"/repos/{REPOSITORY}/pulls"


def listed(*payloads) -> list[Any]:
    """What GitHub answers with, the newest first."""
    return [payload["pull_request"] for payload in reversed(payloads)]


def asked_ago(**span) -> None:
    Repository.objects.update(polled_at=timezone.now() - timedelta(**span))


def to_list() -> list[UUID]:
    return [repository_id for repository_id, _opens_at in repositories_to_poll(timezone.now(), limit=9)]


@pytest.fixture
def running(mission):
    """The mission, open and not yet due by the tests' clock and by the real one, which the rounds go by."""
    clocks = [NOW, timezone.now()]
    mission.opens_at, mission.due_at = min(clocks) - timedelta(days=30), max(clocks) + timedelta(days=1)
    mission.save(update_fields=["opens_at", "due_at"])
    return mission


def test_without_a_webhook_new_pull_requests_are_found_and_are_whose_they_are(running, fake_github, club):
    fake_github.says(
        LIST,
        listed(
            pull_request(),
            pull_request(number=43, sha=B),
            pull_request(number=44, user=person(9, "somebody")),
            pull_request(number=45, user=person(7, "a-bot", "Bot")),
        ),
    )

    discover_new_pull_requests()

    attempt = Attempt.objects.get()
    assert (attempt.source, attempt.submission.membership) == (Source.POLL, club.ada)
    found = PullRequest.objects.order_by("number").values_list("number", "unmatched")
    assert list(found) == [(42, ""), (43, "second_pull"), (44, "unknown_person")]
    # Their reviews and checks are asked for at once.
    assert len(deadline()) == 3


def test_what_a_repository_saw_before_the_mission_is_left_alone(running, fake_github):
    old = "2020-01-01T00:00:00Z"
    fake_github.says(
        LIST,
        listed(
            closed(at=1, number=1, merged=True, created_at=old),
            closed(at=1, number=2),
            closed(at=1, number=3, merged=True),
            pull_request(number=4, created_at=old, user=person(9, "x")),
        ),
    )

    discover_new_pull_requests()

    assert sorted(PullRequest.objects.values_list("number", flat=True)) == [3, 4]


def test_what_is_known_is_not_taken_again_and_nothing_new_costs_nothing(running, ingest, fake_github):
    ingest("pull_request", pull_request())
    fake_github.says(
        LIST,
        listed(pull_request("edited", at=9, sha=B), pull_request(number=43, user=person(9, "x"))),
        ETag='"1"',
    )
    discover_new_pull_requests()
    assert Attempt.objects.get().head_sha == A
    assert PullRequest.objects.count() == 2

    asked_ago(minutes=11)
    discover_new_pull_requests()
    assert fake_github.asked[-1][1]["If-None-Match"] == '"1"'
    assert PullRequest.objects.count() == 2
    assert Repository.objects.get().etag == '"1"'


def test_a_long_history_is_looked_through_once_and_within_reason(running, fake_github, monkeypatch):
    monkeypatch.setattr(polling, "PER_PAGE", 2)
    two = listed(pull_request(), pull_request(number=43, user=person(9, "x")))
    fake_github.says(LIST, two, ETag='"1"')
    discover_new_pull_requests()
    assert [path[-6:] for path in fake_github.paths] == [f"page={n}" for n in range(1, polling.MAX_PAGES + 1)]

    fake_github.asked.clear()
    fake_github.says(LIST, two, ETag='"2"')
    asked_ago(minutes=11)
    discover_new_pull_requests()
    assert [path[-6:] for path in fake_github.paths] == ["page=1"]


def test_the_limits_hold_for_finding_too(running, fake_github):
    GitHubLimit.objects.create(background_resumes_at=timezone.now() + timedelta(minutes=30))
    discover_new_pull_requests()
    assert fake_github.asked == []

    GitHubLimit.objects.all().delete()
    resets = int(timezone.now().timestamp()) + 600
    fake_github.says(LIST, [], X_RateLimit_Remaining=5, X_RateLimit_Reset=resets)
    discover_new_pull_requests()
    assert GitHubLimit.objects.filter(background_resumes_at__gt=timezone.now()).exists()


def test_a_repository_that_is_not_there_waits_for_its_turn(running, fake_github):
    discover_new_pull_requests()

    assert fake_github.paths
    assert to_list() == []
    assert Repository.objects.get().etag == ""


def test_repositories_are_asked_often_without_a_webhook_and_seldom_with_one(running, club, webhook, send):
    assert to_list() == [running.github_repository_id]
    asked_ago(minutes=9)
    assert to_list() == []
    asked_ago(minutes=11)
    assert to_list() == [running.github_repository_id]

    send("ping", fixture("ping"))
    assert to_list() == []
    asked_ago(hours=7)
    assert to_list() == [running.github_repository_id]


def test_long_after_the_deadline_they_are_asked_seldom(running):
    running.due_at = timezone.now() - timedelta(days=15)
    running.save(update_fields=["due_at"])
    asked_ago(hours=5)
    assert to_list() == []
    asked_ago(hours=7)
    assert to_list() == [running.github_repository_id]


@pytest.mark.parametrize("over", ["closed", "not open yet"])
def test_where_nothing_can_be_handed_in_nothing_is_looked_for(running, club, over):
    if over == "closed":
        close_cohort(cohort=club.cohort, at=NOW)
    else:
        Mission.objects.update(
            opens_at=timezone.now() + timedelta(hours=1), due_at=timezone.now() + timedelta(days=2)
        )

    assert to_list() == []
