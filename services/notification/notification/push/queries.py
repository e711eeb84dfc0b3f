"""Read models of push messages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from joserfc.jwk import ECKey

from chassis.crypto import decrypt
from notification.outgoing.rules import is_enabled
from notification.push.models import PushSubscription, VapidKey
from notification.push.rules import Subscription


@dataclass(frozen=True)
class SigningKey:
    """The decrypted key pair of the installation."""

    private_key: ECKey
    public_key: str


def signing_key() -> SigningKey | None:
    """Return the key pair; None if there is none, or FIELD_KEY cannot decrypt it. One query."""
    row = VapidKey.objects.first() if is_enabled() else None
    if row is None:
        return None
    try:
        return SigningKey(ECKey.import_key(json.loads(decrypt(row.private_key_encrypted))), row.public_key)
    except ValueError:
        return None


def subscription_of(row: PushSubscription) -> Subscription | None:
    """Return the decrypted subscription; None if FIELD_KEY cannot decrypt it."""
    try:
        return Subscription(**json.loads(decrypt(row.subscription_encrypted)))
    except ValueError:
        return None


def subscriptions(account_id: UUID) -> list[PushSubscription]:
    """Return the account's browsers, the newest first. One query."""
    return list(PushSubscription.objects.filter(account_id=account_id).order_by("-created_at", "id"))


def export_subscriptions(account_id: UUID) -> list[dict[str, Any]]:
    """Return the account's browsers for the personal-data export. One query."""
    rows = PushSubscription.objects.filter(account_id=account_id).order_by("created_at", "id")
    return [dict(row) for row in rows.values("host", "created_at", "sent_at")]


def health_notice() -> str:
    """Return why push messages and chat messages are not sent; "" if they are."""
    if not is_enabled():
        return _("Push messages and chat webhooks are off: the notification service has no FIELD_KEY.")
    if VapidKey.objects.exists() and signing_key() is None:
        return _(
            "Push messages are off: FIELD_KEY does not decrypt the key that signs them. Restore the key."
        )
    return ""
