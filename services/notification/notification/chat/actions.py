"""Create, test and delete chat webhooks; queue messages and send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chassis.crypto import encrypt
from chassis.errors import DomainError
from chassis.retention import delete_in_batches
from notification.chat.models import ChatMessage, ChatWebhook
from notification.chat.rules import MESSAGES, platform_of
from notification.delivery.actions import attempt
from notification.delivery.rules import delivery_backoff, is_expired
from notification.mirrors.models import PartMirror
from notification.outgoing.rules import (
    AddressRefused,
    Gone,
    PermanentDeliveryError,
    SkipDelivery,
    TransientDeliveryError,
    is_enabled,
)

MAX_WEBHOOKS = 20
MIN_TEST_INTERVAL = timedelta(seconds=30)


class ChatIsOff(DomainError):
    code = "chat_is_off"
    title = _("This installation sends no messages to chats: it has no key to keep their webhooks with.")


class NotAWebhook(DomainError):
    code = "not_a_chat_webhook"
    title = _("This is no webhook of Discord or Slack. Copy the whole URL, which begins with https://.")
    status = 400


class WebhookExists(DomainError):
    code = "chat_webhook_exists"
    title = _("This webhook is in the list already.")


class TooManyWebhooks(DomainError):
    code = "too_many_chat_webhooks"
    title = _("A cohort can have %(limit)d webhooks at most.")


class PartNotInCohort(DomainError):
    code = "no_such_part"
    title = _("There is no such part.")
    status = 400


class TestedJustNow(DomainError):
    code = "tested_just_now"
    title = _("A test was sent a moment ago. Try again in half a minute.")
    status = 429


@transaction.atomic
def create_webhook(
    *, cohort_id: UUID, name: str, url: str, part_id: UUID | None = None, at: datetime
) -> ChatWebhook:
    """Add a webhook to a cohort, or to one of its parts.

    Raises ChatIsOff, NotAWebhook, PartNotInCohort, WebhookExists and TooManyWebhooks.
    """
    if not is_enabled():
        raise ChatIsOff
    try:
        platform = platform_of(url)
    except AddressRefused:
        raise NotAWebhook(field="url") from None
    if part_id and not PartMirror.objects.filter(cohort_id=cohort_id, part_id=part_id).exists():
        raise PartNotInCohort(field="part_id")
    if ChatWebhook.objects.filter(cohort_id=cohort_id).count() >= MAX_WEBHOOKS:
        raise TooManyWebhooks(limit=MAX_WEBHOOKS)
    webhook, is_new = ChatWebhook.objects.get_or_create(
        cohort_id=cohort_id,
        url_digest=sha256(url.encode()).hexdigest(),
        defaults={
            "part_id": part_id,
            "platform": platform,
            "url_encrypted": encrypt(url),
            "name": name,
            "created_at": at,
        },
    )
    if not is_new:
        raise WebhookExists(field="url")
    return webhook


@transaction.atomic
def delete_webhook(*, webhook: ChatWebhook) -> None:
    """Delete a webhook with what has not been sent."""
    ChatWebhook.objects.filter(id=webhook.id).delete()


@transaction.atomic
def test_webhook(*, webhook: ChatWebhook, url: str, at: datetime) -> ChatMessage:
    """Queue a test, also of a webhook that was gone. Raises ChatIsOff and TestedJustNow."""
    if not is_enabled():
        raise ChatIsOff
    is_free = Q(tested_at=None) | Q(tested_at__lte=at - MIN_TEST_INTERVAL)
    rows = ChatWebhook.objects.filter(is_free, id=webhook.id)
    if not rows.update(tested_at=at, gone_at=None, error=""):
        raise TestedJustNow(wait=int(MIN_TEST_INTERVAL.total_seconds()))
    return ChatMessage.objects.create(
        webhook=webhook, kind="test", key=f"test:{uuid4()}", url=url, next_attempt_at=at, created_at=at
    )


@transaction.atomic
def queue_messages(
    *,
    cohort_id: UUID,
    kind: str,
    key: str,
    context: Mapping[str, Any],
    url: str,
    at: datetime,
    part_id: UUID | None = None,
    only_part: bool = False,
) -> int:
    """Queue a message to the cohort's webhooks and return their number; with a part, not to those of others.

    `only_part` leaves out the webhooks of the whole cohort. Idempotent by webhook and key.
    """
    if kind not in MESSAGES:
        raise ValueError(f"{kind} is no kind of message")
    webhooks = ChatWebhook.objects.filter(cohort_id=cohort_id, gone_at=None)
    if part_id:
        of_cohort = Q() if only_part else Q(part_id=None)
        webhooks = webhooks.filter(Q(part_id=part_id) | of_cohort)
    rows = [
        ChatMessage(
            webhook=webhook,
            kind=kind,
            key=key,
            context=dict(context),
            url=url,
            next_attempt_at=at,
            created_at=at,
        )
        for webhook in webhooks
    ]
    return len(ChatMessage.objects.bulk_create(rows, ignore_conflicts=True))


def deliver_message(*, message: ChatMessage, at: datetime, send: Callable[[ChatMessage], None]) -> None:
    """Send a message of queries.due_messages, and record on its webhook how that went."""

    def send_and_record(row: ChatMessage) -> None:
        rows = ChatWebhook.objects.filter(id=row.webhook_id)
        try:
            send(row)
        except Gone as error:
            rows.update(gone_at=at, error=str(error)[:200])
            raise
        except TransientDeliveryError as error:
            # The limit, or the outage, is the webhook's: other messages wait, too.
            rows.update(held_until=at + max(error.wait, delivery_backoff(1)), error=str(error)[:200])
            raise
        except PermanentDeliveryError as error:
            rows.update(error=str(error)[:200])
            raise
        except SkipDelivery:
            rows.update(error="FIELD_KEY does not decrypt the URL")
            raise
        rows.update(sent_at=at, held_until=None, error="")

    attempt(row=message, at=at, send=send_and_record, skip_reason=partial(_skip_reason, at=at))


def _skip_reason(message: ChatMessage, *, at: datetime) -> str:
    if not is_enabled():
        return "no_key"
    if is_expired(message.context, at=at):
        return "expired"
    return "gone" if message.webhook.gone_at else ""


def delete_old_messages(*, before: datetime) -> None:
    """Delete what was sent, skipped or failed, and is older."""
    for _size in delete_in_batches(ChatMessage.objects.filter(next_attempt_at=None, created_at__lt=before)):
        pass
