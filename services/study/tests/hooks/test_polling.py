"""Where no hook tells us, we ask; where one does, now and then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.cohorts.actions import close_cohort
from study.hooks.queries import missions_to_list, pulls_to_refresh
from study.hooks.tasks import discover, poll
from study.missions.models import Mission
from study.submissions.actions import asking, dismiss_pull
from study.submissions.models import Attempt, GithubLimit, Listing, Pull, Source, Submission
from tests.conftest import OLGA
from tests.hooks.payloads import REPOSITORY, A, B, closed, fixture, person, pull
from tests.submissions.conftest import little_github, take

__all__ = ["little_github", "take"]

pytestmark = pytest.mark.django_db


def ago(**span) -> None:
    Pull.objects.update(polled_at=timezone.now() - timedelta(**span))


def due() -> list[UUID]:
    return pulls_to_refresh(timezone.now(), most=9)


def test_without_a_hook_an_open_pull_request_is_asked_about_every_ten_minutes(mission, take):
    take("pull_request", pull())
    ago(minutes=9)
    assert due() == []
    ago(minutes=11)
    assert due() == [Pull.objects.get().id]


def test_with_a_hook_that_is_heard_it_is_asked_about_every_six_hours(mission, take, hook, send):
    send("ping", fixture("ping"))
    take("pull_request", pull())
    ago(hours=5)
    assert due() == []
    ago(hours=7)
    assert len(due()) == 1


def test_a_hook_that_was_never_heard_is_as_good_as_none(mission, take, hook):
    take("pull_request", pull())
    ago(minutes=11)
    assert len(due()) == 1


def test_what_was_just_handed_in_by_a_link_comes_first_whatever_its_state(mission, take):
    take("pull_request", pull())
    take("pull_request", closed(at=2, number=43, merged=True, user=person(9, "x")))
    ago(minutes=11)
    Pull.objects.filter(number=43).update(polled_at=None)

    assert due() == [Pull.objects.get(number=43).id, Pull.objects.get(number=42).id]


def test_what_is_over_or_set_aside_is_not_asked_about(mission, take, club):
    take("pull_request", closed(at=2, merged=True))
    ago(days=9)
    assert due() == []
    take("pull_request", pull(number=43, user=person(9, "x")))
    ago(days=9)
    dismiss_pull(pull=Pull.objects.get(number=43), by=OLGA, at=NOW)
    assert due() == []


def test_what_the_hook_told_need_not_be_asked(mission, send):
    send("pull_request", pull())

    assert due() == []


def test_a_round_asks_and_takes_in(mission, take, little_github):
    take("pull_request", pull())
    ago(hours=1)
    little_github.says(f"/repos/{REPOSITORY}/pulls/42", closed(at=4, merged=True)["pull_request"])
    little_github.says(f"/repos/{REPOSITORY}/pulls/42/reviews", [])

    poll()

    assert Submission.objects.get().state == "merged"
    assert due() == []


def test_a_round_stops_at_the_first_failure_and_begins_with_another_next_time(mission, take, little_github):
    for number in (42, 43, 44):
        take("pull_request", pull(number=number, user=person(number, f"x{number}")))
    ago(hours=1)
    little_github.says(f"/repos/{REPOSITORY}/pulls/42", {}, 500)
    little_github.says(f"/repos/{REPOSITORY}/pulls/43", {}, 500)
    little_github.says(f"/repos/{REPOSITORY}/pulls/44", {}, 500)

    for _ in range(3):
        poll()

    assert sorted(little_github.paths) == [f"/repos/{REPOSITORY}/pulls/{n}" for n in (42, 43, 44)]


LIST = f"/repos/{REPOSITORY}/pulls"


def listed(*payloads) -> list[Any]:
    """What GitHub answers with, the newest first."""
    return [payload["pull_request"] for payload in reversed(payloads)]


def asked_ago(**span) -> None:
    Listing.objects.update(asked_at=timezone.now() - timedelta(**span))


def to_list() -> list[UUID]:
    return missions_to_list(timezone.now(), most=9)


@pytest.fixture
def running(mission):
    """The mission, open and not yet due by the tests' clock and by the real one, which the rounds go by."""
    clocks = [NOW, timezone.now()]
    mission.opens_at, mission.due_at = min(clocks) - timedelta(days=30), max(clocks) + timedelta(days=1)
    mission.save(update_fields=["opens_at", "due_at"])
    return mission


def test_without_a_hook_new_pull_requests_are_found_and_are_whose_they_are(running, little_github, club):
    little_github.says(
        LIST,
        listed(
            pull(),
            pull(number=43, sha=B),
            pull(number=44, user=person(9, "somebody")),
            pull(number=45, user=person(7, "a-bot", "Bot")),
        ),
    )

    discover()

    attempt = Attempt.objects.get()
    assert (attempt.source, attempt.submission.membership) == (Source.POLL, club.ada)
    found = Pull.objects.order_by("number").values_list("number", "unmatched")
    assert list(found) == [(42, ""), (43, "second_pull"), (44, "unknown_person")]
    # Their reviews and checks are asked for at once.
    assert len(due()) == 3


def test_what_a_repository_saw_before_the_mission_is_left_alone(running, little_github):
    old = "2020-01-01T00:00:00Z"
    little_github.says(
        LIST,
        listed(
            closed(at=1, number=1, merged=True, created_at=old),
            closed(at=1, number=2),
            closed(at=1, number=3, merged=True),
            pull(number=4, created_at=old, user=person(9, "x")),
        ),
    )

    discover()

    assert sorted(Pull.objects.values_list("number", flat=True)) == [3, 4]


def test_what_is_known_is_not_taken_again_and_nothing_new_costs_nothing(running, take, little_github):
    take("pull_request", pull())
    little_github.says(
        LIST, listed(pull("edited", at=9, sha=B), pull(number=43, user=person(9, "x"))), ETag='"1"'
    )
    discover()
    assert Attempt.objects.get().head_sha == A
    assert Pull.objects.count() == 2

    asked_ago(minutes=11)
    discover()
    assert little_github.asked[-1][1]["If-None-Match"] == '"1"'
    assert Pull.objects.count() == 2
    assert Listing.objects.get().etag == '"1"'


def test_a_long_history_is_looked_through_once_and_within_reason(running, little_github, monkeypatch):
    monkeypatch.setattr(asking, "PER_PAGE", 2)
    two = listed(pull(), pull(number=43, user=person(9, "x")))
    little_github.says(LIST, two, ETag='"1"')
    discover()
    assert [path[-6:] for path in little_github.paths] == [
        f"page={n}" for n in range(1, asking.MOST_PAGES + 1)
    ]

    little_github.asked.clear()
    little_github.says(LIST, two, ETag='"2"')
    asked_ago(minutes=11)
    discover()
    assert [path[-6:] for path in little_github.paths] == ["page=1"]


def test_the_limits_hold_for_finding_too(running, little_github):
    GithubLimit.objects.create(background_resumes_at=timezone.now() + timedelta(minutes=30))
    discover()
    assert little_github.asked == []

    GithubLimit.objects.all().delete()
    resets = int(timezone.now().timestamp()) + 600
    little_github.says(LIST, [], X_RateLimit_Remaining=5, X_RateLimit_Reset=resets)
    discover()
    assert GithubLimit.objects.filter(background_resumes_at__gt=timezone.now()).exists()


def test_a_repository_that_is_not_there_waits_for_its_turn(running, little_github):
    discover()

    assert little_github.paths
    assert to_list() == []
    assert Listing.objects.get().etag == ""


def test_repositories_are_asked_often_without_a_hook_and_seldom_with_one(running, club, hook, send):
    assert to_list() == [running.id]
    Listing.objects.create(mission=running, asked_at=timezone.now())
    asked_ago(minutes=9)
    assert to_list() == []
    asked_ago(minutes=11)
    assert to_list() == [running.id]

    send("ping", fixture("ping"))
    assert to_list() == []
    asked_ago(hours=7)
    assert to_list() == [running.id]


def test_long_after_the_deadline_they_are_asked_seldom(running):
    Listing.objects.create(mission=running, asked_at=timezone.now())
    running.due_at = timezone.now() - timedelta(days=15)
    running.save(update_fields=["due_at"])
    asked_ago(hours=5)
    assert to_list() == []
    asked_ago(hours=7)
    assert to_list() == [running.id]


@pytest.mark.parametrize("over", ["closed", "not open yet"])
def test_where_nothing_can_be_handed_in_nothing_is_looked_for(running, club, over):
    if over == "closed":
        close_cohort(cohort=club.cohort, at=NOW)
    else:
        Mission.objects.update(
            opens_at=timezone.now() + timedelta(hours=1), due_at=timezone.now() + timedelta(days=2)
        )

    assert to_list() == []
