"""What an orchestrator and an operator ask of a process: its health, its migrations, its figures."""

from __future__ import annotations

import os
import socket
import threading
from datetime import timedelta
from http.client import HTTPConnection
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from prometheus_client import REGISTRY, generate_latest

from chassis import health
from chassis.events import gauges
from chassis.events.models import DeadLetter, OutboxEvent
from chassis.events.receive import retry
from chassis.management.commands import migrate_with_lock


@pytest.fixture
def monitor(monkeypatch):
    """Loops of the test's own, and no thread that judges them: `step` is one look."""
    own = health._Monitor(thread=threading.current_thread())
    monkeypatch.setattr(health, "_monitor", own)
    return own


@pytest.fixture
def probe():
    """probe(path) → (status, body) of this process's own port, as an orchestrator asks."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = health.serve(port)
    wire = HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(path):
        wire.request("GET", path)
        answer = wire.getresponse()
        return answer.status, answer.read().decode()

    yield ask
    wire.close()
    server.shutdown()
    server.server_close()


def without_heartbeat(monitor, seconds):
    for _ in range(int(seconds / health.INTERVAL)):
        health._check(monitor)


def test_a_loop_is_stale_until_its_first_heartbeat_and_when_that_is_old(monitor, probe):
    assert probe("/healthz") == (200, "ok\n")
    health.watch("relay")
    assert probe("/healthz") == (503, "relay: no heartbeat for 30 s\n")
    health.record_heartbeat("relay")
    assert probe("/healthz") == (200, "ok\n")
    without_heartbeat(monitor, health.MAX_AGE - health.INTERVAL)
    assert probe("/healthz") == (200, "ok\n")
    without_heartbeat(monitor, health.INTERVAL)
    assert probe("/healthz")[0] == 503
    # It answers, so nobody should end it.
    assert probe("/healthz/live") == (200, "ok\n")
    assert probe("/elsewhere")[0] == 404


def test_an_excused_loop_is_not_stale(monitor, probe):
    health.watch("consumer", is_silence_expected=lambda: True)
    without_heartbeat(monitor, health.RESTART_AFTER)
    assert probe("/healthz") == (200, "ok\n")


def test_a_loop_that_will_not_recover_ends_the_process(monitor, monkeypatch):
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    health.watch("tasks", restart_after=health.MAX_AGE, starts_healthy=True)
    without_heartbeat(monitor, health.MAX_AGE - health.INTERVAL)
    health.record_heartbeat("tasks")
    without_heartbeat(monitor, health.MAX_AGE - health.INTERVAL)
    assert ended == []
    without_heartbeat(monitor, health.INTERVAL)
    assert ended == [os.EX_SOFTWARE]


@pytest.mark.django_db
def test_waiting_for_migrations_ends_once_all_are_applied():
    call_command("migrate_with_lock", wait=5.0)
    call_command("migrate_with_lock")


@pytest.mark.django_db
def test_waiting_for_a_migration_that_does_not_come_ends_with_what_to_look_at():
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="events").order_by("-id")[:1].get().delete()
    with pytest.raises(CommandError, match="see what migrate says"):
        call_command("migrate_with_lock", wait=0.01)


@pytest.mark.django_db(transaction=True)
def test_a_database_of_an_older_release_is_refused_and_not_touched():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE events_outgoing (id INTEGER)")
        try:
            with pytest.raises(CommandError, match="Make the installation anew"):
                call_command("migrate_with_lock")
        finally:
            cursor.execute("DROP TABLE events_outgoing")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time; MySQL runs this")
def test_a_migration_waits_for_a_transaction_that_uses_its_table():
    begun, goes_on = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            OutboxEvent.objects.count()
            begun.set()
            goes_on.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_wait_timeout=1")
        with pytest.raises(OperationalError, match="Lock wait timeout"):
            cursor.execute("ALTER TABLE events_outboxevent ADD COLUMN added INTEGER NULL")
        threading.Timer(2, goes_on.set).start()
        with connection.execute_wrapper(migrate_with_lock.retry_lock_waits):
            cursor.execute("ALTER TABLE events_outboxevent ADD COLUMN added INTEGER NULL")
            cursor.execute("ALTER TABLE events_outboxevent DROP COLUMN added")
    holder.join(30)
    # Its session waits as long as any other again.
    connection.close()


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
            call_command("migrate_with_lock", wait=0.01)
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
        OutboxEvent.objects.create(
            event_id=uuid4(), consumer="notification", name="study.x.v1", payload={},
            occurred_at=now - timedelta(minutes=5), next_attempt_at=now,
        )  # fmt: skip
        DeadLetter.objects.create(
            event_id=uuid4(), envelope={"name": "users.x.v1"}, error="", failed_at=now, given_up_at=now
        )
        after = generate_latest(REGISTRY).decode()
    finally:
        for name in ("oldest_open_event_seconds", "dead_letters", "queue_depth"):
            REGISTRY.unregister(REGISTRY._names_to_collectors[f"seodang_{name}"])

    assert "seodang_oldest_open_event_seconds 0.0" in before
    assert "seodang_dead_letters 0.0" in before
    seconds = next(line for line in after.splitlines() if line.startswith("seodang_oldest_open"))
    assert 299 < float(seconds.split()[1]) <= (timezone.now() - now).total_seconds() + 300
    assert "seodang_dead_letters 1.0" in after
    # A figure that cannot be had hides no other.
    assert "seodang_queue_depth NaN" in after


@pytest.mark.django_db
def test_what_is_not_parked_cannot_be_tried_again():
    assert not retry(uuid4(), {}, at=timezone.now())


@pytest.mark.parametrize(("left_open", "kept"), [(True, []), (False, ["default"])])
def test_a_worker_whose_database_died_in_a_transaction_gets_a_new_connection(left_open, kept, monkeypatch):
    from chassis import celery_app

    held = {"default": "a connection"}
    monkeypatch.setattr(celery_app, "connection", SimpleNamespace(in_atomic_block=left_open))
    monkeypatch.setattr(celery_app, "connections", held)

    celery_app.WorkerHealth.record_heartbeat(None)  # type: ignore[arg-type]

    assert list(held) == kept
