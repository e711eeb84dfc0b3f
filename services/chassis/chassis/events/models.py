"""Transactional outbox, processed events, and dead letters."""

from __future__ import annotations

from uuid import UUID

from django.db import models


class OutboxEvent(models.Model):
    """One event for one consumer. It is open until that consumer acknowledges it."""

    event_id = models.UUIDField()
    consumer = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "consumer"], name="one_outbox_event_per_consumer"),
        ]
        indexes = [models.Index(fields=["acknowledged_at", "next_attempt_at"], name="outbox_events_due")]


class ProcessedEvent(models.Model):
    """An event that was handled. It makes handlers idempotent: a repeated event has no effect."""

    event_id = models.UUIDField(primary_key=True)
    received_at = models.DateTimeField(db_index=True)


class DeadLetterQuerySet(models.QuerySet["DeadLetter"]):
    def given_up(self) -> DeadLetterQuerySet:
        """Filter the events that are dead letters; the other rows only count failures."""
        return self.filter(given_up_at__isnull=False)


class DeadLetter(models.Model):
    """An event whose handler failed; a dead letter once `given_up_at` is set.

    The command `dead_letters` retries or drops it.
    """

    event_id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True)
    envelope = models.JSONField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField()
    failed_at = models.DateTimeField()
    # Null while attempts are left: the row only counts them.
    given_up_at = models.DateTimeField(null=True)

    objects = DeadLetterQuerySet.as_manager()
