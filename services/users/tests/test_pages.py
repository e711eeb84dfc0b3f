"""Rules for every page: markup, content security policy, number of SQL statements."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chassis.testing import NOW
from tests.conftest import CLIENT_INFO, sign_in
from users.accounts.actions.audit import record_audit
from users.accounts.actions.registration import confirm_email, register
from users.accounts.models import Account, AuditKind
from users.tokens import actions as tokens

pytestmark = pytest.mark.django_db

OPEN = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/confirm-email/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/inactive/",
    "/accounts/signed-in/",
    "/accounts/setup/",
    "/api/docs/",
]
OWN = [
    "/accounts/profile/",
    "/accounts/security/",
    "/accounts/tokens/",
    "/accounts/data/",
    "/accounts/close/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/github/unlink/",
    "/accounts/people/",
    "/accounts/installation/health/",
]


def check(page: str) -> None:
    """Check the page: one h1, a title, labels for inputs, no inline scripts, no styles but its stylesheet."""
    assert page.count("<h1") == 1
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert title
    assert title[1].partition("·")[0].strip()
    assert page.count("<style") == 1
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\s(style|on\w+)=\"", page)
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
    for field in fields:
        if 'type="hidden"' in field or 'type="radio"' in field:
            continue
        found = re.search(r'\bid="([^"]+)"', field)
        assert found, field
        assert f'for="{found[1]}"' in page, field


def source(page: str) -> str:
    """Return what a policy has to name for the page's style element."""
    [text] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", OPEN)
def test_a_page_for_everyone(path: str, language: str) -> None:
    answer = Client(headers={"Accept-Language": language}).get(path)

    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'<html lang="{language}">' in page
    check(page)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert f"style-src 'self' {source(page)} " in policy


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", OWN)
def test_a_page_of_ones_own(olga: Account, path: str, language: str) -> None:
    Account.objects.update(language=language)
    here = Client(headers={"Accept-Language": language})
    sign_in(here, "olga@club.example")

    answer = here.get(path)

    assert answer.status_code == 200
    check(answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", OWN)
def test_without_a_session_it_leads_to_signing_in(path: str) -> None:
    answer = Client().get(path, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")


@pytest.mark.parametrize("path", [*OPEN, *OWN])
def test_looking_changes_nothing(olga: Account, path: str) -> None:
    """B5: GET changes no account."""
    here = Client()
    sign_in(here, "olga@club.example")
    before = list(Account.objects.values())

    here.get(path)

    assert list(Account.objects.values()) == before


def fill(olga: Account, n: int) -> None:
    for k in range(n):
        at = NOW + timedelta(minutes=k)
        someone = Account(email=f"p{k}@club.example", name=f"P{k}")
        register(account=someone, client=CLIENT_INFO, at=at)
        confirm_email(account_id=someone.id, client=CLIENT_INFO, at=at)
        record_audit(account_id=olga.id, kind=AuditKind.SIGNED_IN, client=CLIENT_INFO, at=at)
        sign_in(Client(), "olga@club.example")
        if k < 15:
            tokens.create(
                account_id=olga.id, name=f"t{k}", scope="read", days=7, client=CLIENT_INFO, at=timezone.now()
            )


# Each page reads session and account; the token is verified without a statement.
ENTRY = 2


@pytest.mark.parametrize("n", [1, 6])
@pytest.mark.parametrize(
    ("path", "price"),
    [
        ("/accounts/profile/", 2),
        ("/accounts/security/", 3),
        ("/accounts/tokens/", 2),
        ("/accounts/data/", 2),
        ("/accounts/people/", 2),
        ("/accounts/installation/health/", 2),
    ],
)
def test_a_page_costs_the_same_however_much_there_is(
    olga: Account, browser: Any, django_assert_num_queries: Any, path: str, price: int, n: int
) -> None:
    fill(olga, n)
    here = browser(olga)
    here.get(path)

    with django_assert_num_queries(ENTRY + price):
        here.get(path)


@pytest.mark.parametrize("n", [1, 6])
@pytest.mark.parametrize(
    ("path", "price"), [("me", 1), ("me/log", 2), ("sessions", 2), ("tokens", 2), ("accounts", 2)]
)
def test_an_answer_costs_the_same_however_much_there_is(
    olga: Account, api_for: Any, django_assert_num_queries: Any, path: str, price: int, n: int
) -> None:
    fill(olga, n)
    api = api_for(olga)
    api.get(f"/api/v1/users/{path}")

    with django_assert_num_queries(price):
        api.get(f"/api/v1/users/{path}")


def test_who_has_signed_in_is_verified_without_a_statement(ada: Account, browser: Any) -> None:
    from chassis.web.auth import verify

    token = browser(ada).cookies["seodang"].value
    verify(token)
    from django.db import connection

    before = len(connection.queries_log)
    verify(token)
    assert len(connection.queries_log) == before


def test_the_list_of_operations_names_all_three_services() -> None:
    page = Client().get("/api/docs/").content.decode()

    for service in ("users", "study", "notification"):
        assert f"/api/v1/{service}/openapi.json" in page
    assert "/api/v1/users/token" in page


def test_the_openapi_document_is_served_to_everyone() -> None:
    document = Client().get("/api/v1/users/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert not [path for path in document["paths"] if path.startswith("/internal")]
