"""Where no hook tells us, we ask; where one does, now and then."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.hooks.queries import pulls_to_refresh
from study.hooks.tasks import poll
from study.submissions.actions import dismiss_pull
from study.submissions.models import Pull, Submission
from tests.conftest import OLGA
from tests.hooks.payloads import REPOSITORY, closed, fixture, person, pull
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
