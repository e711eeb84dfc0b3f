"""F1–F3, F5–F6: an event leaves if its change commits, goes until acknowledged, and has its effect once."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from jsonschema import Draft202012Validator, ValidationError

from chassis.events.models import DeadLetter, OutboxEvent, ProcessedEvent
from chassis.events.publish import envelope_of, publish
from chassis.events.relay import acknowledge, relay_batch, wait_after
from chassis.events.schema import breaking_changes, schema_of
from chassis.events.tasks import prune_events
from chassis.testing import NOW
from tests import stand_in

CONTACT_CHANGED = "users.contact_changed.v1"


@pytest.fixture(autouse=True)
def _silence():
    stand_in.received_events.clear()
    stand_in.troubles.clear()


def change() -> stand_in.CohortChanged:
    return stand_in.CohortChanged(cohort_id=uuid4(), title="16기", version=1)


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_bug():
    with pytest.raises(RuntimeError, match="outside a transaction"):
        publish(change(), at=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_rolls_back_takes_its_event_with_it():
    class Regret(Exception):
        pass

    def change_and_regret() -> None:
        with transaction.atomic():
            publish(change(), at=NOW)
            raise Regret

    with pytest.raises(Regret):
        change_and_regret()

    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_is_owed_to_each_consumer_of_the_contract():
    publish(change(), at=NOW)

    row = OutboxEvent.objects.get()
    assert row.consumer == "notification"
    assert envelope_of(row)["producer"] == "study"


@dataclass(frozen=True, kw_only=True)
class LaterCohortChanged(stand_in.CohortChanged):
    """A cohort was created or renamed."""

    subtitle: str = ""


@dataclass(frozen=True, kw_only=True)
class BrokenCohortChanged:
    """A cohort was created or renamed."""

    event_name: ClassVar[str] = stand_in.CohortChanged.event_name
    cohort_id: UUID
    version: str
    subtitle: str


@pytest.mark.django_db
def test_a_later_release_may_add_an_optional_field_which_an_older_consumer_ignores(deliver_event):
    older, later = schema_of(stand_in.CohortChanged), schema_of(LaterCohortChanged)

    publish(LaterCohortChanged(cohort_id=uuid4(), title="16기", version=1, subtitle="봄"), at=NOW)

    payload = OutboxEvent.objects.get().payload
    assert later["properties"].keys() - older["properties"].keys() == {"subtitle"}
    assert breaking_changes(older, later) == []
    Draft202012Validator(older).validate(payload)
    assert len(deliver_event(CONTACT_CHANGED, payload)) == 1


def test_any_other_change_of_an_event_is_found():
    assert breaking_changes(schema_of(stand_in.CohortChanged), schema_of(BrokenCohortChanged)) == [
        "`title` has another type, or is gone",
        "`version` has another type, or is gone",
        "`subtitle` is now required",
    ]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part."""

    name: str


@dataclass(frozen=True, kw_only=True)
class PartsChanged:
    """The parts changed."""

    event_name: ClassVar[str] = "study.parts_changed.v1"
    parts: list[Part]


def test_the_schema_of_an_event_contains_those_of_its_objects():
    schema = schema_of(PartsChanged)
    after = deepcopy(schema)
    after["$defs"]["Part"]["properties"]["name"]["type"] = "integer"

    Draft202012Validator(schema).validate({"parts": [{"name": "웹"}]})
    assert breaking_changes(schema, schema) == []
    assert breaking_changes(schema, after) == ["`name` has another type, or is gone"]


@pytest.mark.django_db
def test_an_event_that_does_not_match_its_schema_fails_the_test():
    with pytest.raises(ValidationError):
        publish(stand_in.CohortChanged(cohort_id=uuid4(), title="16기", version=0), at=NOW)


@pytest.mark.django_db
def test_an_event_goes_again_and_again_until_acknowledged():
    publish(change(), at=NOW)
    sent: list[OutboxEvent] = []

    assert relay_batch(sent.append, at=NOW) == 1
    assert relay_batch(sent.append, at=NOW) == 0
    assert relay_batch(sent.append, at=NOW + timedelta(seconds=5)) == 1
    acknowledge(event_id=sent[0].event_id, consumer="notification", at=NOW)
    assert relay_batch(sent.append, at=NOW + timedelta(days=1)) == 0
    assert len(sent) == 2


@pytest.mark.django_db
def test_an_event_booked_by_a_clock_that_was_ahead_does_not_wait_for_that_time():
    publish(change(), at=NOW + timedelta(minutes=5))
    sent: list[OutboxEvent] = []

    assert relay_batch(sent.append, at=NOW) == 1
    assert relay_batch(sent.append, at=NOW) == 0


@pytest.mark.django_db
def test_a_full_queue_gets_nothing_on_top_and_the_event_waits_unbooked():
    publish(change(), at=NOW)

    assert relay_batch(lambda _row: None, at=NOW, full={"notification"}) == 0
    assert OutboxEvent.objects.get().attempts == 0
    assert relay_batch(lambda _row: None, at=NOW, full={"users"}) == 1


@pytest.mark.django_db
def test_a_queue_that_is_away_costs_nothing_but_time():
    publish(change(), at=NOW)

    def broken(_row: OutboxEvent) -> None:
        raise OSError("no route")

    with pytest.raises(OSError, match="no route"):
        relay_batch(broken, at=NOW)
    assert relay_batch(lambda _row: None, at=NOW + timedelta(minutes=1)) == 1


def test_the_wait_doubles_up_to_a_minute(settings):
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 4, 5, 6)] == [5, 10, 20, 40, 60, 60]
    assert wait_after(5000).total_seconds() == 60
    settings.RELAY_MAX_WAIT = 7
    assert wait_after(9).total_seconds() == 7


@pytest.mark.django_db
def test_a_repeat_is_acknowledged_and_has_no_effect(deliver_event):
    event_id = uuid4()

    assert deliver_event(CONTACT_CHANGED, {}, event_id=event_id) == [str(event_id)]
    assert deliver_event(CONTACT_CHANGED, {}, event_id=event_id) == [str(event_id)]
    assert len(stand_in.received_events) == 1


@pytest.mark.django_db
def test_an_unknown_name_is_not_acknowledged_so_that_it_comes_back_after_the_deploy(deliver_event):
    assert deliver_event("users.renamed_since.v9", {}) == []
    assert not ProcessedEvent.objects.exists()


@pytest.mark.django_db
def test_a_failing_event_is_tried_three_times_then_parked_and_the_others_pass(deliver_event):
    poison = uuid4()
    stand_in.troubles[str(poison)] = ValueError("bad day")

    assert [deliver_event(CONTACT_CHANGED, {"n": 1}, event_id=poison) for _ in range(3)] == [
        [],
        [],
        [str(poison)],
    ]
    deliver_event(CONTACT_CHANGED, {"n": 2})

    assert [envelope["payload"]["n"] for envelope in stand_in.received_events] == [2]
    dead_letter = DeadLetter.objects.get()
    assert (dead_letter.attempts, dead_letter.error) == (3, "ValueError: bad day")
    assert not ProcessedEvent.objects.filter(event_id=poison).exists()


@pytest.mark.django_db
def test_a_parked_event_is_retried_once_however_often_asked(deliver_event):
    poison = uuid4()
    stand_in.troubles[str(poison)] = ValueError("bad day")
    for _ in range(3):
        deliver_event(CONTACT_CHANGED, {}, event_id=poison)
    out = StringIO()
    call_command("dead_letters", "list", stdout=out)
    assert str(poison) in out.getvalue()
    assert "bad day" in out.getvalue()

    stand_in.troubles.clear()
    call_command("dead_letters", "retry", str(poison), stdout=out)
    with pytest.raises(CommandError):
        call_command("dead_letters", "retry", str(poison), stdout=out)

    assert len(stand_in.received_events) == 1
    assert not DeadLetter.objects.exists()


@pytest.mark.django_db
def test_a_retry_that_fails_leaves_the_event_parked(deliver_event):
    poison = uuid4()
    stand_in.troubles[str(poison)] = ValueError("bad day")
    for _ in range(3):
        deliver_event(CONTACT_CHANGED, {}, event_id=poison)

    with pytest.raises(ValueError, match="bad day"):
        call_command("dead_letters", "retry", str(poison))
    assert DeadLetter.objects.given_up().exists()


@pytest.mark.django_db
def test_a_dropped_event_never_comes_back(deliver_event):
    poison = uuid4()
    stand_in.troubles[str(poison)] = ValueError("bad day")
    for _ in range(3):
        deliver_event(CONTACT_CHANGED, {}, event_id=poison)
    call_command("dead_letters", "drop", str(poison), "--reason", "made by hand", stdout=StringIO())

    stand_in.troubles.clear()
    assert deliver_event(CONTACT_CHANGED, {}, event_id=poison) == [str(poison)]
    assert not stand_in.received_events
    assert not DeadLetter.objects.exists()


@pytest.mark.django_db
def test_pruning_keeps_what_is_open_and_what_makes_repeats_harmless():
    publish(change(), at=NOW - timedelta(days=300))
    publish(change(), at=NOW - timedelta(days=300))
    done = OutboxEvent.objects.order_by("id").first()
    assert done is not None
    acknowledge(event_id=done.event_id, consumer="notification", at=NOW - timedelta(days=299))

    prune_events()

    assert [row.acknowledged_at for row in OutboxEvent.objects.all()] == [None]


@pytest.mark.django_db
def test_pruning_goes_on_in_small_batches_until_nothing_old_is_left(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("chassis.retention.BATCH_SIZE", 2)
    for days in (181, 200, 300, 1):
        ProcessedEvent.objects.create(event_id=uuid4(), received_at=timezone.now() - timedelta(days=days))

    # Nothing acknowledged; then two rows, one row, none: each looked for and deleted by itself.
    with django_assert_num_queries(1 + 2 + 2 + 1):
        prune_events()

    assert ProcessedEvent.objects.count() == 1
