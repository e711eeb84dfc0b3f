"""Read models of chat webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.crypto import decrypt
from notification.chat.models import ChatMessage, ChatWebhook
from notification.mirrors.models import CohortMirror, PartMirror


@dataclass(frozen=True)
class CohortChats:
    """The webhooks of a cohort, and its parts by id."""

    cohort_id: UUID
    title: str
    parts: dict[UUID, str]
    webhooks: list[ChatWebhook]


def cohort_chats(cohort_id: UUID) -> CohortChats:
    """Return the webhooks of a cohort, the oldest first, each with its `part_name`. Three queries."""
    cohort = CohortMirror.objects.filter(cohort_id=cohort_id).first()
    rows = PartMirror.objects.filter(cohort_id=cohort_id).order_by("position", "part_id")
    parts = dict(rows.values_list("part_id", "name"))
    webhooks = list(ChatWebhook.objects.filter(cohort_id=cohort_id).order_by("created_at", "id"))
    for webhook in webhooks:
        webhook.part_name = parts.get(webhook.part_id, "")  # type: ignore[attr-defined, arg-type]
    return CohortChats(cohort_id, cohort.title if cohort else "", parts, webhooks)


def webhook_url(webhook: ChatWebhook) -> str:
    """Return the decrypted URL; "" if FIELD_KEY cannot decrypt it."""
    try:
        return decrypt(webhook.url_encrypted)
    except ValueError:
        return ""


def due_messages(at: datetime, *, limit: int) -> list[ChatMessage]:
    """Return messages to send, the longest due first. One query."""
    return list(ChatMessage.objects.sendable(at).order_by("next_attempt_at", "id")[:limit])


def is_due(at: datetime) -> bool:
    """Return True if any message is to be sent. One query."""
    return ChatMessage.objects.sendable(at).exists()
