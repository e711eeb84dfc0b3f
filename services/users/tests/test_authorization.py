"""B1: every operation of the OpenAPI document × every kind of client, with rows of two accounts.

Fails for a new operation until it is in TABLE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from chassis.testing import NOW
from tests.conftest import CLIENT_INFO
from users.accounts.actions.roles import disable
from users.accounts.models import Account
from users.exports import actions as exports
from users.tokens import actions as tokens
from users.tokens.models import PersonalToken

pytestmark = pytest.mark.django_db

# Clients. "theirs" is Ada, whose rows the operations name; "reader" is Ada with a read-only token;
# "closed" is Ada after her account was closed.
WHO = ("anonymous", "theirs", "reader", "other", "owner", "service", "closed")
BASE = "/api/v1/users/"

# operation: body, and the status for each of WHO.
TABLE: dict[tuple[str, str], tuple[Any, tuple[int, ...]]] = {
    ("get", "me"): (None, (401, 200, 200, 200, 200, 403, 404)),
    ("patch", "me"): ({"name": "N"}, (401, 200, 403, 200, 200, 403, 401)),
    ("delete", "me/github"): (None, (401, 204, 403, 204, 204, 403, 401)),
    ("get", "me/log"): (None, (401, 200, 200, 200, 200, 403, 404)),
    ("get", "accounts"): (None, (401, 404, 404, 404, 200, 403, 404)),
    ("put", "accounts/{account_id}/opening"): (None, (401, 404, 403, 404, 204, 403, 401)),
    ("delete", "accounts/{account_id}/opening"): (None, (401, 404, 403, 404, 204, 403, 401)),
    ("get", "sessions"): (None, (401, 200, 200, 200, 200, 403, 404)),
    ("delete", "sessions"): (None, (401, 204, 403, 204, 204, 403, 401)),
    ("delete", "sessions/{session_id}"): (None, (401, 204, 403, 404, 404, 403, 401)),
    # Public: authenticated by the token in the body only.
    ("post", "token"): ({"token": "sdg_", "audience": "users"}, (401, 401, 401, 401, 401, 401, 401)),
    ("get", "tokens"): (None, (401, 200, 200, 200, 200, 403, 404)),
    ("delete", "tokens/{token_id}"): (None, (401, 204, 403, 404, 404, 403, 401)),
    ("post", "exports"): (None, (401, 409, 403, 202, 202, 403, 401)),
    ("get", "exports/{export_id}"): (None, (401, 200, 200, 404, 404, 403, 404)),
    ("get", "exports/{export_id}/content"): (None, (401, 404, 404, 404, 404, 403, 404)),
}
CASES = [
    pytest.param((method, path, body), who, status, id=f"{method} {path} by {who}")
    for (method, path), (body, statuses) in TABLE.items()
    for who, status in zip(WHO, statuses, strict=True)
]


def operations() -> set[tuple[str, str]]:
    document = SchemaGenerator().get_schema(request=None, public=True)
    return {
        (method, path.removeprefix(BASE)) for path, methods in document["paths"].items() for method in methods
    }


@dataclass(frozen=True)
class Scenario:
    """Ids of Ada's rows, and an API client for each of WHO."""

    ids: dict[str, UUID | int]
    as_: Callable[[str], Any]


@pytest.fixture
def scenario(ada: Account, clara: Account, olga: Account, browser: Any, api_for: Any) -> Scenario:
    browser(ada)
    tokens.create(account_id=ada.id, name="bot", scope="read", days=7, client=CLIENT_INFO, at=NOW)
    export = exports.request_export(account_id=ada.id, own={}, client=CLIENT_INFO, at=timezone.now())

    def closed(api: Any) -> Any:
        Account.objects.filter(id=ada.id).update(closed_at=NOW)
        return api

    ways = {
        "anonymous": lambda: api_for(None),
        "theirs": lambda: api_for(ada),
        "reader": lambda: api_for(ada, scope="read"),
        "other": lambda: api_for(clara),
        "owner": lambda: api_for(olga),
        "service": lambda: api_for("study"),
        "closed": lambda: closed(api_for(ada)),
    }
    return Scenario(
        ids={
            "account_id": ada.id,
            "session_id": UserSession.objects.get().id,
            "token_id": PersonalToken.objects.get().id,
            "export_id": export.id,
        },
        as_=lambda who: ways[who](),
    )


def test_every_operation_has_its_line() -> None:
    assert operations() == set(TABLE)


@pytest.mark.parametrize(("operation", "who", "status"), CASES)
def test_the_answer_is_the_one_of_the_table(
    scenario: Scenario, operation: tuple[str, str, Any], who: str, status: int
) -> None:
    method, path, body = operation
    answer = getattr(scenario.as_(who), method)(BASE + path.format(**scenario.ids), body)

    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"]


def test_no_field_can_be_written_that_is_not_offered(ada: Account, api_for: Any) -> None:
    """B3: no mass assignment."""
    before: dict[str, Any] = dict(Account.objects.values().get(id=ada.id))
    body = {
        field.name: "true" for field in Account._meta.get_fields() if field.name not in {"name", "language"}
    }

    answer = api_for(ada).patch("/api/v1/users/me", {**body, "time_zone": "UTC", "roles": ["owner"]})

    assert answer.status_code == 200
    after: dict[str, Any] = dict(Account.objects.values().get(id=ada.id))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"time_zone", "version"}


def test_the_pages_cookie_serves_the_api_only_with_a_csrf_token(ada: Account, browser: Any) -> None:
    here = Client(enforce_csrf_checks=True)
    here.cookies = browser(ada).cookies

    assert here.get("/api/v1/users/me").status_code == 200
    refused = here.patch("/api/v1/users/me", {"name": "Eve"}, content_type="application/json")
    assert refused.status_code == 403
    ada.refresh_from_db()
    assert ada.name == "Ada"


def test_a_disabled_account_loses_the_api_at_once(ada: Account, api_for: Any) -> None:
    api = api_for(ada)
    disable(account_id=ada.id, client=CLIENT_INFO, at=NOW)

    for method, path in [
        ("get", "me"),
        ("patch", "me"),
        ("get", "sessions"),
        ("get", "tokens"),
        ("get", "me/log"),
    ]:
        assert getattr(api, method)(BASE + path, {} if method == "patch" else None).status_code == 404, path
