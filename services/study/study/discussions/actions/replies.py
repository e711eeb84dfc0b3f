"""Saved replies of a reviewer: sentences that they write often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from study.discussions.models import MAX_SAVED_REPLIES, SavedReply


class TooManyReplies(DomainError):
    code = "too_many_replies"
    title = _("You have %(max)s saved replies. Delete one first.")

    def __init__(self) -> None:
        super().__init__(max=MAX_SAVED_REPLIES)


@transaction.atomic
def save_reply(*, reply_id: UUID, account_id: UUID, body: str, at: datetime) -> SavedReply:
    """Create the reply with this id, or change what it says. Idempotent.

    Raise TooManyReplies, and NotFound for another account's.
    """
    reply = SavedReply.objects.select_for_update().filter(id=reply_id).first()
    if reply is None:
        if SavedReply.objects.filter(account_id=account_id).count() >= MAX_SAVED_REPLIES:
            raise TooManyReplies
        return SavedReply.objects.create(id=reply_id, account_id=account_id, body=body, created_at=at)
    if reply.account_id != account_id:
        raise NotFound
    reply.body = body
    reply.save(update_fields=["body"])
    return reply


@transaction.atomic
def delete_reply(*, reply_id: UUID, account_id: UUID) -> None:
    """Delete a reply of the account, if it is there."""
    SavedReply.objects.filter(id=reply_id, account_id=account_id).delete()


@transaction.atomic
def delete_replies(*, account_id: UUID) -> None:
    """Delete all replies of a closed account."""
    SavedReply.objects.filter(account_id=account_id).delete()
