"""A mission with its repository, the cohort's webhook, and a GitHub that delivers through it."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from chassis.testing import NOW
from study.github.actions.webhooks import WebhookSecret, create_webhook
from study.missions.models import Mission
from tests.conftest import OLGA
from tests.github.payloads import make_mission


@pytest.fixture
def mission(club: SimpleNamespace) -> Mission:
    return make_mission(club)


@pytest.fixture
def webhook(club: SimpleNamespace) -> WebhookSecret:
    return create_webhook(cohort=club.cohort, at=NOW, by=OLGA)


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(webhook_id: uuid.UUID, secret: str, event: str, payload: Any, **more: Any) -> Any:
    """The answer to a delivery of that payload, or of those bytes, signed with the secret."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": more.pop("delivery", str(uuid.uuid4())),
        "X-Hub-Signature-256": signature(body, secret),
        **more.pop("headers", {}),
    }
    kind = more.pop("content_type", "application/json")
    headers = {name: value for name, value in headers.items() if value is not None}
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/hooks/github/{webhook_id}", body, content_type=kind, headers=headers)


@pytest.fixture
def send_to() -> Callable[..., Any]:
    """send_to(webhook id, secret, event, payload) → the answer."""
    return deliver


@pytest.fixture
def send(webhook: WebhookSecret) -> Callable[..., Any]:
    """send(event, payload, secret=…, webhook_id=…, …) → the answer to a delivery through the webhook."""

    def through_the_webhook(event: str, payload: Any, **more: Any) -> Any:
        webhook_id, secret = more.pop("webhook_id", webhook.webhook.id), more.pop("secret", webhook.secret)
        return deliver(webhook_id, secret, event, payload, **more)

    return through_the_webhook


@pytest.fixture
def deliver_all(send: Callable[..., Any]) -> Callable[..., None]:
    """deliver_all(payload, …) through the webhook, pull requests and reviews, in this order."""

    def in_order(*payloads: dict[str, Any]) -> None:
        for payload in payloads:
            answer = send("pull_request_review" if "review" in payload else "pull_request", payload)
            assert answer.status_code == 200, answer.json()

    return in_order
