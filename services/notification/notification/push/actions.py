"""Create the signing key; subscribe and unsubscribe browsers."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from joserfc.jwk import ECKey

from chassis.crypto import decrypt, encrypt
from chassis.errors import DomainError
from notification.inbox.rules import KINDS
from notification.outgoing.client import check_url
from notification.outgoing.rules import AddressRefused, is_enabled
from notification.preferences.actions import update_preferences
from notification.preferences.models import Preference
from notification.preferences.rules import PUSH
from notification.push.models import PushSubscription, VapidKey
from notification.push.rules import Subscription, digest_of

MAX_SUBSCRIPTIONS = 5
AUTH_BYTES = 16
MIN_TEST_INTERVAL = timedelta(seconds=30)


class PushIsOff(DomainError):
    code = "push_is_off"
    title = _("This installation sends no push messages.")


class InvalidSubscription(DomainError):
    code = "invalid_subscription"
    title = _("The browser gave a subscription that cannot be used.")
    status = 400


class TestedJustNow(DomainError):
    code = "tested_just_now"
    title = _("A test was sent a moment ago. Try again in half a minute.")
    status = 429


def create_vapid_key(*, at: datetime) -> VapidKey:
    """Return the key of the installation, created if there is none.

    Raises PushIsOff, also if FIELD_KEY does not decrypt the key: nothing could be sent.
    """
    if not is_enabled():
        raise PushIsOff
    if row := VapidKey.objects.first():
        try:
            decrypt(row.private_key_encrypted)
        except ValueError:
            raise PushIsOff from None
        return row
    key = ECKey.generate_key("P-256", private=True)
    jwk = key.as_dict(private=True)
    point = b"\x04" + b"".join(_decode(str(jwk[axis])) for axis in ("x", "y"))
    VapidKey.objects.bulk_create(
        [
            VapidKey(
                private_key_encrypted=encrypt(json.dumps(jwk)),
                public_key=base64.urlsafe_b64encode(point).rstrip(b"=").decode(),
                created_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    # Maybe that of a concurrent request.
    return VapidKey.objects.get()


def _decode(value: str) -> bytes:
    return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)


@transaction.atomic
def subscribe(*, account_id: UUID, endpoint: str, p256dh: str, auth: str, at: datetime) -> PushSubscription:
    """Subscribe a browser; of more than MAX_SUBSCRIPTIONS the oldest is deleted. Idempotent.

    A browser that was another account's is this account's from now on, without what it received before. With
    the first one, push messages are turned on for the kinds that are mailed by default, unless some are on.
    Raises PushIsOff and InvalidSubscription.
    """
    create_vapid_key(at=at)
    given = _encrypted(endpoint, p256dh, auth)
    digest = given.pop("endpoint_digest")
    PushSubscription.objects.filter(endpoint_digest=digest).exclude(account_id=account_id).delete()
    mine = PushSubscription.objects.filter(account_id=account_id).order_by("-created_at", "id")
    is_first = not mine.exists()
    row, _is_new = PushSubscription.objects.update_or_create(
        endpoint_digest=digest, defaults={**given, "account_id": account_id, "created_at": at}
    )
    old = list(mine.values_list("id", flat=True)[MAX_SUBSCRIPTIONS:])
    PushSubscription.objects.filter(id__in=old).delete()
    # Who saved the settings before has a choice for every kind, all off.
    if is_first and not Preference.objects.filter(account_id=account_id, channel=PUSH, on=True).exists():
        choices = {(name, PUSH): kind.email_by_default for name, kind in KINDS.items()}
        update_preferences(account_id=account_id, choices=choices)
    return row


@transaction.atomic
def renew(*, subscription: PushSubscription, endpoint: str, p256dh: str, auth: str, at: datetime) -> None:
    """Replace what a browser subscribed with. Raises PushIsOff and InvalidSubscription. Idempotent."""
    create_vapid_key(at=at)
    given = _encrypted(endpoint, p256dh, auth)
    others = PushSubscription.objects.exclude(id=subscription.id)
    if others.filter(endpoint_digest=given["endpoint_digest"]).exists():
        # The page subscribed it again before.
        unsubscribe(subscription=subscription)
    else:
        PushSubscription.objects.filter(id=subscription.id).update(**given, held_until=None)


def _encrypted(endpoint: str, p256dh: str, auth: str) -> dict[str, Any]:
    """Return the columns of what a browser gave. Raises InvalidSubscription."""
    _validate(endpoint, p256dh, auth)
    return {
        "endpoint_digest": digest_of(endpoint),
        "subscription_encrypted": encrypt(json.dumps(asdict(Subscription(endpoint, p256dh, auth)))),
        "host": urlsplit(endpoint).hostname,
        "failures": 0,
        "error": "",
    }


def _validate(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        check_url(endpoint)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decode(p256dh))
        is_valid = len(_decode(auth)) == AUTH_BYTES
    except (AddressRefused, ValueError, binascii.Error):
        is_valid = False
    if not is_valid:
        raise InvalidSubscription


@transaction.atomic
def unsubscribe(*, subscription: PushSubscription) -> None:
    """Delete a browser."""
    PushSubscription.objects.filter(id=subscription.id).delete()


@transaction.atomic
def start_test(*, subscription: PushSubscription, at: datetime) -> PushSubscription:
    """Record that a test is to be sent. Raises PushIsOff, and TestedJustNow within MIN_TEST_INTERVAL."""
    create_vapid_key(at=at)
    is_free = Q(tested_at=None) | Q(tested_at__lte=at - MIN_TEST_INTERVAL)
    if not PushSubscription.objects.filter(is_free, id=subscription.id).update(tested_at=at):
        raise TestedJustNow(wait=int(MIN_TEST_INTERVAL.total_seconds()))
    return subscription


def record_sent(*, subscription: PushSubscription, at: datetime) -> None:
    """Record that the push service took a message."""
    rows = PushSubscription.objects.filter(id=subscription.id)
    rows.update(sent_at=at, held_until=None, failures=0, error="")


def record_failure(*, subscription: PushSubscription, error: str, held_until: datetime | None = None) -> None:
    """Record why the push service took no message, and until when it asked to wait."""
    rows = PushSubscription.objects.filter(id=subscription.id)
    rows.update(failures=F("failures") + 1, held_until=held_until, error=error[:200])


@transaction.atomic
def delete_subscriptions(*, account_id: UUID) -> None:
    """Delete all browsers of the account."""
    PushSubscription.objects.filter(account_id=account_id).delete()
