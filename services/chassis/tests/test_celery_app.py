"""F7, F13, F14: the settings of the queue, and the key of a message in a real Redis."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from uuid import uuid4

import pytest
import redis
from celery import current_app
from django.db import transaction

from chassis import celery_app
from chassis.celery_app import VISIBILITY_SECONDS, create_app
from chassis.events import tasks
from chassis.events.models import OutboxEvent
from chassis.events.publish import publish
from chassis.testing import NOW
from tests import stand_in


@pytest.fixture
def app(settings, redis_url):
    settings.BROKER_URL = f"{redis_url}?virtual_host=0"
    before = current_app._get_current_object()  # type: ignore[attr-defined]
    tasks._queue_of.cache_clear()
    made = create_app({"prune": 86400.0})
    made.set_current()
    yield made
    made.close()
    before.set_current()
    before.set_default()
    tasks._queue_of.cache_clear()


def test_the_queue_promises_what_the_outbox_relies_on(app):
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.task_default_queue == "study"
    assert conf.broker_transport_options["global_keyprefix"] == "study:"
    assert conf.broker_transport_options["socket_timeout"]
    assert conf.task_time_limit < VISIBILITY_SECONDS
    assert conf.worker_soft_shutdown_timeout < conf.task_time_limit


def test_the_two_tasks_keep_their_names(app):
    assert tasks.consume_event.name == "consume_event"
    assert tasks.acknowledge_event.name == "acknowledge_event"


@pytest.mark.django_db
def test_an_event_lies_on_its_consumers_queue_under_its_consumers_prefix(app, redis_url):
    with transaction.atomic():
        publish(stand_in.CohortChanged(cohort_id=uuid4(), title="16기", version=1), at=NOW)
    row = OutboxEvent.objects.get()

    tasks.send(row)

    server = redis.Redis(unix_socket_path=redis_url.removeprefix("redis+socket://"))
    [raw] = server.lrange("notification:notification", 0, -1)
    message = json.loads(raw)
    assert message["headers"]["task"] == "consume_event"
    server.close()


@pytest.mark.django_db
def test_a_consumer_is_behind_once_so_many_messages_wait(app, redis_url, monkeypatch):
    with transaction.atomic():
        publish(stand_in.CohortChanged(cohort_id=uuid4(), title="16기", version=1), at=NOW)
    row = OutboxEvent.objects.get()
    server = redis.Redis(unix_socket_path=redis_url.removeprefix("redis+socket://"))
    server.flushall()
    monkeypatch.setattr(tasks, "MAX_QUEUE_LENGTH", 2)

    tasks.send(row)
    assert tasks.saturated_queues() == set()
    tasks.send(row)
    assert tasks.saturated_queues() == {"notification"}
    server.flushall()
    assert tasks.saturated_queues() == set()
    server.close()


@pytest.mark.parametrize(
    ("idle", "fails", "kept"), [(0, False, True), (6000, False, False), (0, True, False)]
)
def test_tasks_that_follow_each_other_share_a_connection(app, monkeypatch, idle, fails, kept):
    closed: list[bool] = []
    held = SimpleNamespace(in_atomic_block=False, errors_occurred=fails, close=lambda: closed.append(True))
    monkeypatch.setattr(celery_app, "connection", held)
    monkeypatch.setattr(celery_app, "MAX_IDLE", 600.0)
    monkeypatch.setattr(celery_app, "_ended_at", [time.monotonic() - idle])

    @app.task
    def nothing() -> None:
        """Do nothing."""

    nothing.apply()

    assert app.conf.CELERY_DB_REUSE_MAX > 1000
    assert (not closed) == kept
