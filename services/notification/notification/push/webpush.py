"""Web push: messages that only the browser can decrypt (RFC 8030, 8188, 8291, 8292)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from joserfc import jwt

from notification.delivery.actions import SendDelivery, record_reached
from notification.delivery.models import Delivery
from notification.delivery.rules import zone_of
from notification.inbox.queries import render
from notification.outgoing.client import Client, client
from notification.outgoing.rules import Gone, PermanentDeliveryError, SkipDelivery, TransientDeliveryError
from notification.push import actions
from notification.push.models import PushSubscription
from notification.push.queries import SigningKey, signing_key, subscription_of
from notification.push.rules import Subscription

# How long a push service keeps a message for a browser that is not online, and after which none is sent.
MAX_AGE = timedelta(days=1)
TOKEN_SECONDS = 12 * 3600
# A push service takes 4096 bytes; encryption adds about a hundred.
MAX_TEXT = 500


@contextmanager
def channel() -> Iterator[SendDelivery]:
    """Yield a function that sends one delivery to the browsers of its recipient.

    It raises SkipDelivery if there are none, and TransientDeliveryError if a later attempt may succeed, which
    leaves alone the browsers that were reached: who dismissed the message does not see it again.
    """
    with client() as http:
        yield partial(_send, http)


def _send(http: Client, delivery: Delivery) -> None:
    notification = delivery.notification
    reached: list[str] = delivery.reached or []
    if notification.occurred_at < timezone.now() - MAX_AGE:
        if reached:
            return
        raise SkipDelivery("late")
    rows = PushSubscription.objects.filter(account_id=notification.account_id)
    # Those that work first: an error of one ends the attempt, so that a worker waits for one at most.
    devices = list(rows.order_by("failures", "id"))
    if not devices:
        raise SkipDelivery("no_device")
    message = _message(delivery)
    expires_at = notification.context.get("expires_at")
    age = datetime.fromisoformat(expires_at) - timezone.now() if expires_at else MAX_AGE
    send = partial(send_message, http, message=message, age=min(age, MAX_AGE))
    errors = []
    for device in devices:
        if str(device.id) in reached:
            continue
        try:
            error = send(device)
        except TransientDeliveryError:
            record_reached(delivery=delivery, reached=reached)
            raise
        if error:
            errors.append(error)
        else:
            reached.append(str(device.id))
    if not reached:
        if not rows.exists():
            raise SkipDelivery("no_device")
        raise PermanentDeliveryError(errors[0])


def send_message(
    http: Client, device: PushSubscription, message: dict[str, str], age: timedelta = MAX_AGE
) -> str:
    """Send to one browser; return why it will never arrive, or "". A browser that is gone is unsubscribed.

    The push service keeps the message for `age`. Raises SkipDelivery without a key, and
    TransientDeliveryError.
    """
    now = timezone.now()
    if device.held_until and device.held_until > now:
        raise TransientDeliveryError("the push service asked to wait", wait=device.held_until - now)
    key, subscription = signing_key(), subscription_of(device)
    if key is None or subscription is None:
        raise SkipDelivery("no_key")
    body = encrypt_message(subscription, json.dumps(message, ensure_ascii=False).encode())
    try:
        http.post(subscription.endpoint, body, _headers(subscription, key, age, message["tag"]))
    except Gone as error:
        actions.unsubscribe(subscription=device)
        return str(error)
    except PermanentDeliveryError as error:
        actions.record_failure(subscription=device, error=str(error))
        return str(error)
    except TransientDeliveryError as error:
        held_until = now + error.wait if error.wait else None
        actions.record_failure(subscription=device, error=str(error), held_until=held_until)
        raise
    actions.record_sent(subscription=device, at=timezone.now())
    return ""


def _message(delivery: Delivery) -> dict[str, str]:
    recipient, notification = delivery.recipient, delivery.notification
    with translation.override(recipient.language), timezone.override(zone_of(recipient.time_zone)):
        item: Any = render(notification)
        return {
            "title": item.rendered.subject[:MAX_TEXT],
            "body": item.cohort[:MAX_TEXT],
            "url": f"/notifications/{notification.id}/",
            "tag": str(notification.id),
            "lang": recipient.language,
        }


def test_message(language: str) -> dict[str, str]:
    """Return the message of a test."""
    with translation.override(language):
        title, body = _("Push messages arrive here"), _("You asked for this test.")
    return {"title": title, "body": body, "url": "/notifications/push/", "tag": "test", "lang": language}


def encrypt_message(subscription: Subscription, text: bytes) -> bytes:
    """Return the text, encrypted for the browser with a key of its own (RFC 8291)."""
    encrypted: bytes = http_ece.encrypt(
        text,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_decode(subscription.p256dh),
        auth_secret=_decode(subscription.auth),
        version="aes128gcm",
    )
    return encrypted


def _decode(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def _headers(subscription: Subscription, key: SigningKey, age: timedelta, tag: str) -> dict[str, str]:
    parts = urlsplit(subscription.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": _contact(),
    }
    token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, key.private_key, algorithms=["ES256"])
    return {
        "Authorization": f"vapid t={token}, k={key.public_key}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        # A repeat replaces what the push service still keeps. At most 32 characters.
        "Topic": tag.replace("-", ""),
        "TTL": str(max(int(age.total_seconds()), 0)),
        "Urgency": "normal",
    }


def _contact() -> str:
    # Where the operator of a push service writes to. Apple takes no address of a host without a domain.
    if settings.SECURE:
        return settings.PUBLIC_URL
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
