"""A mission with its repository, the cohort's hook, and a GitHub that delivers through it."""

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
from study.hooks.actions import Secret, create_hook
from study.missions.models import Mission
from tests.hooks.payloads import make_mission


@pytest.fixture
def mission(club: SimpleNamespace) -> Mission:
    return make_mission(club)


@pytest.fixture
def hook(club: SimpleNamespace) -> Secret:
    return create_hook(cohort=club.cohort, at=NOW)


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def send(hook: Secret) -> Callable[..., Any]:
    """send(event, payload or bytes, …) → the answer to a delivery signed with the hook's secret."""

    def deliver(event: str, payload: Any, *, secret: str = hook.secret, **more: Any) -> Any:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": more.pop("delivery", str(uuid.uuid4())),
            "X-Hub-Signature-256": signature(body, secret),
            **more.pop("headers", {}),
        }
        kind = more.pop("content_type", "application/json")
        headers = {name: value for name, value in headers.items() if value is not None}
        path = f"/hooks/github/{more.pop('hook_id', hook.hook.id)}"
        return Client(enforce_csrf_checks=True).post(path, body, content_type=kind, headers=headers)

    return deliver
