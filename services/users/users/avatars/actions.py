"""Store and delete avatars."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from users.accounts.models import Account
from users.avatars.models import Avatar
from users.avatars.rules import LIFETIME, RETRY_AFTER, media_type_of


@transaction.atomic
def store_avatar(*, account_id: UUID, github_id: int, content: bytes, at: datetime) -> None:
    """Store a copy of the avatar; b"" if there is none. Idempotent; nothing if the account is unlinked."""
    if Account.objects.select_for_update().filter(id=account_id, github_id=github_id).exists():
        media_type = media_type_of(content)
        fields = {"content": content if media_type else b"", "media_type": media_type}
        _update(account_id, github_id=github_id, due_at=at + LIFETIME, **fields)


@transaction.atomic
def postpone_avatar(*, account_id: UUID, github_id: int, at: datetime) -> None:
    """Ask GitHub again later; an avatar that is there stays."""
    if Account.objects.select_for_update().filter(id=account_id, github_id=github_id).exists():
        known = Avatar.objects.current().filter(account_id=account_id).exists()
        fields = {} if known else {"content": b"", "media_type": ""}
        _update(account_id, github_id=github_id, due_at=at + RETRY_AFTER, **fields)


def _update(account_id: UUID, **fields: object) -> None:
    Avatar.objects.update_or_create(account_id=account_id, defaults=fields)


@transaction.atomic
def delete_avatar(*, account_id: UUID) -> None:
    """Delete the avatar of a closed account."""
    Avatar.objects.filter(account_id=account_id).delete()


@transaction.atomic
def delete_unlinked_avatars() -> None:
    """Delete the avatars of accounts that unlinked GitHub."""
    Avatar.objects.filter(account__github_id=None).delete()
