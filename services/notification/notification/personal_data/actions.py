"""Deletion of the personal data of a closed account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from chassis.account_mirror.models import AccountMirror
from notification.inbox import actions as inbox
from notification.mirrors import actions as mirrors
from notification.preferences import actions as preferences
from notification.push import actions as push


@transaction.atomic
def delete_personal_data(*, account_id: UUID, at: datetime) -> None:
    """Delete the account's notifications, deliveries, settings, address and memberships. Idempotent."""
    name = AccountMirror.objects.names([account_id]).get(account_id, "")
    inbox.delete_notifications(account_id=account_id, name=name)
    preferences.delete_preferences(account_id=account_id)
    push.delete_subscriptions(account_id=account_id)
    mirrors.delete_account_rows(account_id=account_id)
