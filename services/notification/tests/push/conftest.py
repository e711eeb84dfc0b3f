"""A browser of Ada, an announcement to her, and sending it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from chassis.testing import NOW
from chassis.testing.https_stand_in import StandIn
from notification.delivery.actions import deliver, schedule_deliveries
from notification.delivery.models import Delivery
from notification.delivery.queries import due
from notification.inbox.actions import create_notifications
from notification.push import actions, webpush
from tests.conftest import ADA, COHORT


def encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass
class Browser:
    """Its keys, and how it decrypts a message (RFC 8291, by the primitives)."""

    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, stand_in: StandIn) -> dict[str, str]:
        return {
            "endpoint": stand_in.url(self.path),
            "p256dh": encode(self.public),
            "auth": encode(self.auth),
        }

    def decrypt(self, body: bytes) -> Any:
        salt, length = body[:16], body[20]
        sender, text = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        secret = derive(self.auth, shared, b"WebPush: info\0" + self.public + sender, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        return json.loads(AESGCM(key).decrypt(nonce, text, None).rstrip(b"\0").removesuffix(b"\2"))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def browser(mirror_rows: None, stand_in: StandIn) -> Browser:
    """A browser of Ada."""
    return subscribe(Browser("/push/1"), stand_in)


def subscribe(browser: Browser, stand_in: StandIn, account_id: Any = ADA, at: datetime = NOW) -> Browser:
    actions.create_vapid_key(at=at)
    actions.subscribe(account_id=account_id, at=at, **browser.subscription(stand_in))
    return browser


def announce(at: datetime = NOW) -> Delivery:
    """Notify Ada of an announcement; return the delivery over push."""
    notifications = create_notifications(
        kind="announcement",
        key="announcement:1",
        recipients=[ADA],
        url="/announcements/1/",
        context={"title": "OT", "excerpt": "비밀", "cohort": "16기"},
        occurred_at=at,
        cohort_id=COHORT,
    )
    schedule_deliveries(notifications=notifications, send_at=at, at=at)
    return Delivery.objects.get(channel="push")


def send(at: datetime = NOW) -> None:
    with webpush.channel() as sender:
        for delivery in due(at, limit=9, channel="push"):
            deliver(delivery=delivery, at=at, senders={"push": sender})
