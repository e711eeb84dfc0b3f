"""Read avatars."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from users.accounts.models import Account
from users.avatars.models import Avatar


def find_avatar(account_id: UUID) -> Avatar | None:
    """Return the account's avatar, or None. One query."""
    return Avatar.objects.visible().filter(account_id=account_id).first()


def with_avatar(account_ids: list[UUID]) -> list[UUID]:
    """Return those of the accounts that have an avatar. One query."""
    return list(
        Avatar.objects.visible().filter(account_id__in=account_ids).values_list("account_id", flat=True)
    )


def list_due(*, at: datetime, limit: int) -> list[tuple[UUID, int]]:
    """List accounts and their GitHub ids whose avatar was never copied, is of another id, or is old."""
    is_due = Q(avatar=None) | Q(avatar__due_at__lte=at) | ~Q(avatar__github_id=F("github_id"))
    linked = Account.objects.active().filter(is_due, github_id__isnull=False).order_by("id")
    return [(id_, github_id) for id_, github_id in linked.values_list("id", "github_id")[:limit] if github_id]


def export_data(account_id: UUID) -> dict[str, Any] | None:
    """Return what is stored of the account's avatar; None without one. One query."""
    avatar = find_avatar(account_id)
    if avatar is None:
        return None
    return {"github_id": avatar.github_id, "media_type": avatar.media_type, "bytes": len(avatar.content)}
