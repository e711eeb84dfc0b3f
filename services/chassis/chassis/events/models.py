"""Outbox, inbox, and the events that could not be handled."""

from __future__ import annotations

from uuid import UUID

from django.db import models


class OutboxEvent(models.Model):
    """One event owed to one consumer: open until that consumer acknowledges it."""

    event_id = models.UUIDField()
    consumer = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "consumer"], name="one_outbox_event_per_consumer"),
        ]
        indexes = [models.Index(fields=["acknowledged_at", "next_try_at"], name="outbox_events_due")]


class ProcessedEvent(models.Model):
    """An event whose effect is in this database: the reason why a repeat has none."""

    event_id = models.UUIDField(primary_key=True)
    received_at = models.DateTimeField(db_index=True)


class DeadLetter(models.Model):
    """An event whose handler failed. After the last try it rests here until someone looks."""

    event_id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True)
    envelope = models.JSONField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField()
    failed_at = models.DateTimeField()
    # Set once the tries are used up; before that the row only counts.
    given_up_at = models.DateTimeField(null=True)
