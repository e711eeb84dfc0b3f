"""Celery task that sends a test."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task

from chassis.celery_app import LOW_PRIORITY
from chassis.enqueue import enqueue_on_commit
from notification.outgoing.client import client
from notification.outgoing.rules import SkipDelivery, TransientDeliveryError
from notification.push.models import PushSubscription
from notification.push.webpush import send_message, test_message

log = structlog.get_logger()


@shared_task(acks_late=True, ignore_result=True)
def send_test(subscription_id: str, language: str, **_future: object) -> None:
    """Send a test to a browser, once; the result is on its row."""
    device = PushSubscription.objects.filter(id=subscription_id).first()
    if device is None:
        return
    with client() as http:
        try:
            send_message(http, device, test_message(language))
        except (SkipDelivery, TransientDeliveryError) as error:
            log.info("push_test_failed", subscription_id=subscription_id, error=str(error))


def enqueue_test(subscription_id: UUID, language: str) -> None:
    """Enqueue `send_test` after commit."""
    arguments = {"subscription_id": str(subscription_id), "language": language}
    enqueue_on_commit(send_test, kwargs=arguments, priority=LOW_PRIORITY)
