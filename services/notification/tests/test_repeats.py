"""Idempotency: every form that is posted twice takes effect once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import notification
from chassis.testing.repeats import forms_without_key
from notification.delivery.models import Delivery
from tests.conftest import ADA, OLGA
from tests.delivery.test_failures import failed_delivery  # noqa: F401

# Forms that create nothing and are idempotent without a key.
CHANGES = {
    "inbox/list.html {% url 'inbox:bulk_update' %}",
    "inbox/list.html {% url 'inbox:undo_mark_read' %}",
    "preferences/edit.html",
    'preferences/edit.html "preferences:quiet_hours"',
    # Twice within half a minute is refused.
    "chat/webhooks.html {% url 'chat:test' webhook.id %}",
    "push/devices.html {% url 'push:test' device.id %}",
    "push/devices.html {% url 'push:subscribe' %}",
    "push/devices.html {% url 'push:unsubscribe' device.id %}",
    "preferences/unsubscribe.html",
}


def test_every_form_that_creates_carries_a_key() -> None:
    assert forms_without_key(Path(notification.__file__).parent) == CHANGES


def test_a_mail_retried_twice_is_retried_once(
    failed_delivery: Delivery,  # noqa: F811
    as_principal: Callable[..., Any],
) -> None:
    owner = as_principal(OLGA, roles=["owner"])
    path, key = f"/notifications/failures/{failed_delivery.id}/retry/", {"idempotency_key": "one"}

    answers = [owner.post(path, key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert [answer["Location"] for answer in answers] == ["/notifications/failures/"] * 2


def test_an_answer_with_a_body_is_kept_for_a_repeat(
    mirror_rows: None, as_principal: Callable[..., Any]
) -> None:
    """The response is encrypted although this service has no FIELD_KEYS setting of its own."""
    person, key = as_principal(ADA), {"HTTP_IDEMPOTENCY_KEY": "0123456789abcdef"}

    first, again = (person.post("/healthz/ready", "{}", "application/json", **key) for _ in range(2))

    assert first.status_code == again.status_code == 200
    assert again.content == first.content
