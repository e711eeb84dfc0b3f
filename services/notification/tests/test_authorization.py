"""Every operation of the OpenAPI document × every role. A new operation fails until it has a row."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from chassis.web.auth import PAGES
from chassis.web.endpoints import Endpoint, endpoints
from notification.chat import actions as chat
from notification.delivery.models import Delivery
from notification.inbox.models import Notification
from notification.mirrors import actions as mirrors
from notification.push import actions as push
from tests.conftest import ADA, CLARA, COHORT, OLGA

METHODS = {"get", "put", "post", "patch", "delete"}
# Ada's data requested by: anonymous; Clara; Ada; Olga, an owner of the installation; Ada with a read-only
# token; another service; and Olga after her account is closed.
ROLES = ("anonymous", "other", "person", "owner", "reader", "service", "closed")
TABLE: dict[str, tuple[int, ...]] = {
    "list_notifications": (401, 200, 200, 200, 200, 403, 200),
    "count_unread_notifications": (401, 200, 200, 200, 200, 403, 200),
    "mark_all_notifications_read": (401, 200, 200, 200, 403, 403, 401),
    "mark_notification_read": (401, 404, 204, 404, 403, 403, 401),
    "mark_notification_unread": (401, 404, 204, 404, 403, 403, 401),
    "get_preferences": (401, 200, 200, 200, 200, 403, 200),
    "update_preferences": (401, 200, 200, 200, 403, 403, 401),
    "get_quiet_hours": (401, 200, 200, 200, 200, 403, 200),
    "update_quiet_hours": (401, 200, 200, 200, 403, 403, 401),
    "get_push_key": (401, 200, 200, 200, 200, 403, 200),
    "list_push_subscriptions": (401, 200, 200, 200, 200, 403, 200),
    "subscribe_to_push": (401, 201, 201, 201, 403, 403, 401),
    "unsubscribe_from_push": (401, 404, 204, 404, 403, 403, 401),
    "test_push": (401, 404, 202, 404, 403, 403, 401),
    # Olga operates the cohort.
    "list_chat_webhooks": (401, 404, 404, 200, 404, 403, 200),
    "create_chat_webhook": (401, 404, 404, 201, 403, 403, 401),
    "delete_chat_webhook": (401, 404, 404, 204, 403, 403, 401),
    "test_chat_webhook": (401, 404, 404, 202, 403, 403, 401),
    "list_failures": (401, 404, 404, 200, 404, 403, 200),
    "retry_failure": (401, 404, 404, 202, 403, 403, 401),
}
BODIES: dict[str, Any] = {
    "update_preferences": {"choices": [{"kind": "joined", "channel": "email", "on": True}]},
    "update_quiet_hours": {"starts": "22:00", "ends": "07:00"},
    "subscribe_to_push": {
        "endpoint": "https://push.example/2",
        # A point of the curve: its generator.
        "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        "auth": "MDEyMzQ1Njc4OWFiY2RlZg",
    },
    "create_chat_webhook": {"name": "notices", "url": "https://hooks.slack.com/services/T0/B0/new"},
}


@pytest.fixture
def rows(mirror_rows: None) -> SimpleNamespace:
    """A notification of Ada, a failed delivery to her, her browser, and a webhook of Olga's cohort."""
    notification = Notification.objects.create(
        account_id=ADA, kind="joined", key="joined:1", url="/", occurred_at=NOW
    )
    failed = Delivery.objects.create(notification=notification, channel="email", failed_at=NOW)
    browser = push.subscribe(
        account_id=ADA, at=NOW, **{**BODIES["subscribe_to_push"], "endpoint": "https://push.example/1"}
    )
    mirrors.upsert_membership(
        membership_id=uuid4(), cohort_id=COHORT, account_id=OLGA, role="operator", left=False, version=1
    )
    webhook = chat.create_webhook(
        cohort_id=COHORT, name="notices", url="https://hooks.slack.com/services/T0/B0/old", at=NOW
    )
    return SimpleNamespace(
        notification_id=notification.id,
        delivery_id=failed.id,
        subscription_id=browser.id,
        webhook_id=webhook.id,
        cohort_id=COHORT,
    )


def operations() -> dict[str, tuple[str, str]]:
    """Return operation id → method and path, from the served document."""
    document = Client().get("/api/v1/notification/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    return {
        operation["operationId"]: (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_every_operation_has_its_row_and_no_other_has_one(db: None) -> None:
    assert set(operations()) == set(TABLE)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", sorted(TABLE))
def test_who_may_do_what(
    rows: SimpleNamespace, api_as: Callable[..., Any], operation: str, role: str
) -> None:
    principals = {
        "anonymous": lambda: api_as(None),
        "other": lambda: api_as(CLARA),
        "person": lambda: api_as(ADA),
        "owner": lambda: api_as(OLGA, roles=["owner"]),
        "reader": lambda: api_as(ADA, scope="read"),
        "service": lambda: api_as("study", use="service"),
        "closed": lambda: api_as(OLGA, roles=["owner"]),
    }
    AccountMirror.objects.filter(account_id=OLGA).update(closed=role == "closed")
    method, path = operations()[operation]

    answer = getattr(principals[role](), method)(
        path.format(**vars(rows)), BODIES.get(operation), format="json"
    )

    assert answer.status_code == TABLE[operation][ROLES.index(role)], answer.content
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("operation", sorted(TABLE))
def test_nobody_reaches_another_persons_rows(
    rows: SimpleNamespace, api_as: Callable[..., Any], operation: str
) -> None:
    method, path = operations()[operation]

    answer = getattr(api_as(CLARA), method)(path.format(**vars(rows)), BODIES.get(operation), format="json")

    assert str(rows.notification_id) not in answer.content.decode()
    assert str(rows.subscription_id) not in answer.content.decode()
    assert str(rows.webhook_id) not in answer.content.decode()
    assert Notification.objects.get(id=rows.notification_id).read_at is None
    assert Delivery.objects.get(id=rows.delivery_id).failed_at == NOW


# Pages that need no login.
OPEN_PAGES = {
    "/notifications/unsubscribe/{token}/",
    # By a secret of the browser.
    "/notifications/push/renew/",
    "/healthz/live",
    "/healthz/ready",
    "/service-worker.js",
    "/manifest.webmanifest",
}
OWN_PAGES = [page for page in endpoints() if not page.is_api and page.template not in OPEN_PAGES]
# Claims of tokens that must not be accepted in the cookie.
NOT_FOR_PAGES: dict[str, dict[str, Any]] = {
    "a personal token's": {"aud": ["notification"]},
    "a personal token's that may only read": {"aud": ["notification"], "scope": "read"},
    "a browser's, of another service": {"aud": ["study", PAGES]},
    "a service's": {"aud": ["notification", PAGES], "use": "service"},
    "expired": {"exp": 1},
}


def is_sent_to_renew(answer: Any) -> bool:
    return bool(answer.status_code == 307 and answer["Location"].startswith("/accounts/renew?"))


def has_no_such_method(answer: Any, path: str) -> bool:
    """Return True if the method is not allowed, or the path redirects to a page above it."""
    return answer.status_code == 405 or (answer.status_code == 302 and path.startswith(answer["Location"]))


@pytest.mark.parametrize("page", OWN_PAGES, ids=lambda page: page.template)
def test_a_page_takes_only_a_token_that_was_made_for_pages(
    page: Endpoint, rows: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    path = page.path(vars(rows))

    for method in ("get", "post"):
        for kind, claims in NOT_FOR_PAGES.items():
            answer = getattr(as_principal(OLGA, **claims), method)(path)
            assert has_no_such_method(answer, path) or is_sent_to_renew(answer), f"{method} by {kind}"
    browser = as_principal(OLGA)
    assert not is_sent_to_renew(browser.get(path))
    AccountMirror.objects.filter(account_id=OLGA).update(closed=True)
    written = browser.post(path)
    assert written.status_code == 405 or is_sent_to_renew(written), "a closed account"
