"""Celery tasks for events. The names of `consume_event` and `acknowledge_event` must never change.

A worker drops a message whose task name it does not know, so a new name would lose events while an older
release runs. `prune_events` is sent by the service's own beat.
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import cache
from itertools import chain
from typing import Any, cast
from uuid import UUID

from celery import Celery, current_app, shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from chassis.celery_app import tls_options
from chassis.events import relay
from chassis.events.models import OutboxEvent, ProcessedEvent
from chassis.events.publish import Envelope, envelope_of
from chassis.events.receive import receive
from chassis.retention import delete_in_batches

# A consumer that is down must not fill the broker's memory with repeated events.
MAX_QUEUE_LENGTH = 500
KEEP_ACKNOWLEDGED = timedelta(days=30)
# Much longer than an event is sent repeatedly: these rows make handlers idempotent.
KEEP_PROCESSED = timedelta(days=180)
# Seconds for one run of prune_events: other tasks wait meanwhile.
ROUND_SECONDS = 10


@cache
def _queue_of(service: str) -> Celery:
    """Return a Celery app that sends to another service's queue, under that service's key prefix."""
    app = Celery(f"{settings.SERVICE}-to-{service}", set_as_current=False)
    own = cast("Any", current_app).conf
    url = settings.PEER_BROKER_URLS.get(service, settings.BROKER_URL)
    app.conf.update(
        # Not broker_url: `celery worker` takes BROKER_URL of the environment for every application.
        broker_write_url=url,
        broker_use_ssl=tls_options(url),
        broker_transport_options={**own.broker_transport_options, "global_keyprefix": f"{service}:"},
        task_serializer="json",
        task_ignore_result=True,
        broker_connection_retry=False,
    )
    return app


def _put(service: str, task: str, arguments: dict[str, Any]) -> None:
    # One attempt only: the relay sends the outbox row again.
    _queue_of(service).send_task(task, kwargs=arguments, queue=service, retry=False, ignore_result=True)


def saturated_queues() -> set[str]:
    """Return the consumers whose queue holds MAX_QUEUE_LENGTH messages or more."""
    consumers = {consumer for consumers in settings.CONSUMERS.values() for consumer in consumers}
    return {consumer for consumer in consumers if queue_length(consumer) >= MAX_QUEUE_LENGTH}


def queue_length(service: str) -> int:
    """Return the number of messages on a service's queue."""
    with cast("Any", _queue_of(service)).pool.acquire() as connection:
        return int(connection.default_channel.client.llen(service))


def send(row: OutboxEvent) -> None:
    """Put one outbox row on its consumer's queue."""
    _put(row.consumer, "consume_event", {"envelope": envelope_of(row)})


def _acknowledge(envelope: Envelope) -> None:
    _put(
        envelope["producer"],
        "acknowledge_event",
        {"event_id": envelope["event_id"], "consumer": settings.SERVICE},
    )


@shared_task(name="consume_event", acks_late=True, ignore_result=True)
def consume_event(*, envelope: Envelope, **_future: object) -> None:
    """Handle an event of another service."""
    receive(envelope, import_string(settings.SUBSCRIPTIONS), _acknowledge, at=timezone.now())


@shared_task(name="acknowledge_event", acks_late=True, ignore_result=True)
def acknowledge_event(*, event_id: str, consumer: str, **_future: object) -> None:
    """Mark an event of this service as acknowledged."""
    relay.acknowledge(event_id=UUID(event_id), consumer=consumer, at=timezone.now())


@shared_task(ignore_result=True)
def prune_events(**_future: object) -> None:
    """Delete old outbox rows and processed events. Runs daily; a later run continues after ROUND_SECONDS."""
    at, until = timezone.now(), time.monotonic() + ROUND_SECONDS
    acknowledged = OutboxEvent.objects.filter(acknowledged_at__lt=at - KEEP_ACKNOWLEDGED)
    processed = ProcessedEvent.objects.filter(received_at__lt=at - KEEP_PROCESSED)
    for _size in chain(delete_in_batches(acknowledged), delete_in_batches(processed)):
        if time.monotonic() > until:
            return
