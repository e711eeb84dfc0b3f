"""What an orchestrator and an operator ask of a process: its pulse, its migrations, its figures."""

from __future__ import annotations

import os
import socket
import time
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client import REGISTRY, generate_latest

from chassis import pulse
from chassis.events import gauges
from chassis.events.models import Outgoing, Parked
from chassis.events.receive import retry


@pytest.fixture
def heard(tmp_path, monkeypatch):
    file = tmp_path / "pulse"
    monkeypatch.setenv("PULSE_FILE", str(file))
    return file


@pytest.fixture
def broker(monkeypatch):
    """A port that takes connections, as Redis' would."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("BROKER_URL", f"redis://user:word@127.0.0.1:{server.getsockname()[1]}/0")
        yield server


def grow_old(file, seconds):
    os.utime(file, (time.time() - seconds, time.time() - seconds))


def test_a_loop_that_never_came_up_has_no_pulse(heard, broker):
    assert not pulse.is_felt()


def test_a_loop_that_goes_round_has_a_pulse(heard, broker):
    pulse.show()
    assert pulse.is_felt()
    grow_old(heard, pulse.LONGEST_SILENCE - 5)
    assert pulse.is_felt()


def test_a_loop_that_fell_silent_is_noticed_unless_the_broker_is_away(heard, broker):
    pulse.show()
    grow_old(heard, pulse.LONGEST_SILENCE + 5)
    assert not pulse.is_felt()
    broker.close()
    assert pulse.is_felt()


def test_where_nobody_asks_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.delenv("PULSE_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    pulse.show()
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
def test_waiting_for_migrations_ends_once_all_are_applied(heard):
    call_command("migrate_alone", wait=5.0)
    call_command("migrate_alone")


@pytest.mark.django_db
def test_waiting_for_a_migration_that_does_not_come_ends_with_what_to_look_at(heard):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="events").order_by("-id")[:1].get().delete()
    with pytest.raises(CommandError, match="see what migrate says"):
        call_command("migrate_alone", wait=0.01)
    assert heard.exists()


# A connection that is given up would take the test's own transaction along.
@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_not_ready_and_is_waited_for(client, monkeypatch):
    def away(*_):
        raise OperationalError("gone away")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", away)
        response = client.get("/healthz/ready")
        assert (response.status_code, response.content) == (503, b"the database does not answer\n")
        with pytest.raises(CommandError, match="does not answer"):
            call_command("migrate_alone", wait=0.01)
    assert client.get("/healthz/ready").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_what_is_owed_parked_and_waiting_stands_among_the_figures(monkeypatch):
    def lost():
        """Messages."""
        raise ConnectionError("no queue")

    monkeypatch.setattr(gauges, "queue_depth", lost)
    gauges.expose()
    try:
        before = generate_latest(REGISTRY).decode()
        now = timezone.now()
        Outgoing.objects.create(
            event_id=uuid4(), consumer="notification", name="study.x.v1", payload={},
            occurred_at=now - timedelta(minutes=5), next_try_at=now,
        )  # fmt: skip
        Parked.objects.create(
            event_id=uuid4(), envelope={"name": "users.x.v1"}, error="", failed_at=now, parked_at=now
        )
        after = generate_latest(REGISTRY).decode()
    finally:
        for name in ("oldest_open_event_seconds", "parked_events", "queue_depth"):
            REGISTRY.unregister(REGISTRY._names_to_collectors[f"seodang_{name}"])

    assert "seodang_oldest_open_event_seconds 0.0" in before
    assert "seodang_parked_events 0.0" in before
    seconds = next(line for line in after.splitlines() if line.startswith("seodang_oldest_open"))
    assert 299 < float(seconds.split()[1]) < 330
    assert "seodang_parked_events 1.0" in after
    # A figure that cannot be had hides no other.
    assert "seodang_queue_depth NaN" in after


@pytest.mark.django_db
def test_what_is_not_parked_cannot_be_tried_again():
    assert not retry(uuid4(), {}, at=timezone.now())


@pytest.mark.parametrize(("left_open", "kept"), [(True, []), (False, ["default"])])
def test_a_worker_whose_database_died_in_a_transaction_gets_a_new_connection(
    left_open, kept, heard, monkeypatch
):
    from chassis import queue

    held = {"default": "a connection"}
    monkeypatch.setattr(queue, "connection", SimpleNamespace(in_atomic_block=left_open))
    monkeypatch.setattr(queue, "connections", held)

    queue.Pulse(None).show()

    assert list(held) == kept
    assert heard.exists()
