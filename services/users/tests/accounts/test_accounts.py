"""Accounts, their events and their mirror."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError
from django.test import Client

from chassis.testing import NOW
from chassis.web.auth import verify
from tests.conftest import CLIENT_INFO
from users.accounts.actions.audit import delete_old_audit_entries, record_audit
from users.accounts.actions.github import link_github, unlink_github
from users.accounts.actions.profile import anonymise, change_profile
from users.accounts.actions.registration import change_email, delete_unconfirmed_accounts, register
from users.accounts.apps import exact_collation
from users.accounts.models import Account, AuditEntry, AuditKind

pytestmark = pytest.mark.django_db

FORM = {"name": "Ada L.", "language": "en", "time_zone": "Europe/London"}


def test_a_profile_change_applies_at_once_and_is_published(
    ada: Account, browser: Any, published: Any
) -> None:
    here = browser(ada)

    answer = here.post("/accounts/profile/", FORM)

    principal = verify(answer.cookies["seodang"].value)
    assert (principal.language, principal.time_zone) == ("en", "Europe/London")
    assert answer.cookies["django_language"].value == "en"
    event = published("users.account_changed.v1")[-1]
    assert (event["name"], event["language"], event["time_zone"]) == ("Ada L.", "en", "Europe/London")
    assert event["version"] == 2
    assert "Your profile is saved." in here.get("/accounts/profile/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " \u3000 "},
        {"name": "\u200b\u3164"},
        {"name": "Ada\u202etxt"},
        {"name": "x" * 61},
        {"language": "fr"},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_a_wrong_profile_is_refused_and_what_was_typed_stays(
    ada: Account, browser: Any, published: Any, wrong: dict[str, str]
) -> None:
    answer = browser(ada).post("/accounts/profile/", {**FORM, **wrong})

    assert answer.status_code == 422
    assert ' aria-invalid="true"' in answer.content.decode()
    assert len(published("users.account_changed.v1")) == 1
    ada.refresh_from_db()
    assert ada.version == 1


def test_the_same_again_is_no_change(ada: Account, published: Any) -> None:
    for _ in range(2):
        change_profile(account_id=ada.id, name="Ada B.", at=NOW)

    assert [event["version"] for event in published("users.account_changed.v1")] == [1, 2]


def test_versions_never_repeat_whatever_changes(ada: Account, published: Any) -> None:
    change_profile(account_id=ada.id, name="A", at=NOW)
    change_email(account_id=ada.id, email="a@new.example", client=CLIENT_INFO, at=NOW)
    link_github(account_id=ada.id, github_id=1, login="a", client=CLIENT_INFO, at=NOW)
    unlink_github(account_id=ada.id, client=CLIENT_INFO, at=NOW)

    events = published("users.account_changed.v1") + published("users.contact_changed.v1")[1:]
    versions = sorted(payload["version"] for payload in events)
    assert versions == [1, 2, 3, 4, 5]


def test_an_address_is_one_accounts_alone_whatever_its_case(ada: Account) -> None:
    second = Account(email="ADA@club.example", name="Eve")
    with pytest.raises(IntegrityError):
        register(account=second, client=CLIENT_INFO, at=NOW)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("\u1100\u1161", "\uac00"),
        ("a\u3000b", "a b"),
        ("a\tb\nc", "a b c"),
    ],
)
def test_a_name_is_kept_in_one_form(ada: Account, typed: str, kept: str) -> None:
    assert change_profile(account_id=ada.id, name=typed, at=NOW).name == kept


def test_choosing_a_language_holds_for_every_service_and_for_emails(ada: Account, browser: Any) -> None:
    answer = browser(ada).post("/accounts/language/", {"language": "en", "next": "/missions/"})

    assert answer.headers["Location"] == "/missions/"
    cookie = answer.cookies["django_language"]
    assert (cookie.value, cookie["path"], cookie["samesite"]) == ("en", "/", "Lax")
    assert verify(answer.cookies["seodang"].value).language == "en"
    ada.refresh_from_db()
    assert ada.language == "en"


def test_a_stranger_chooses_a_language_too() -> None:
    stranger = Client()
    there = "/accounts/login/?next=%2Fjoin%2Fabc%2F"
    answer = stranger.post("/accounts/language/", {"language": "en", "next": there})
    assert answer.headers["Location"] == there

    assert "Sign in to Seodang" in stranger.get("/accounts/login/").content.decode()
    assert stranger.post("/accounts/language/", {"language": "xx"}).status_code == 400
    away = stranger.post("/accounts/language/", {"language": "ko", "next": "//evil.example"})
    assert away.headers["Location"] == "/"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whoever_chooses_a_theme_has_it_on_every_page_for_a_year(theme: str) -> None:
    stranger = Client()
    there = "/accounts/login/?next=%2Fjoin%2Fabc%2F"
    answer = stranger.post("/accounts/theme/", {"theme": theme, "next": there})

    assert (answer.status_code, answer.headers["Location"]) == (302, there)
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["path"], cookie["samesite"]) == (theme, "/", "Lax")
    assert cookie["max-age"] == 365 * 24 * 60 * 60
    assert f' data-theme="{theme}"' in stranger.get("/accounts/login/").content.decode()

    stranger.post("/accounts/theme/", {"theme": "system"})
    assert " data-theme=" not in stranger.get("/accounts/login/").content.decode()


def test_a_page_that_has_changed_its_theme_itself_stays() -> None:
    answer = Client().post("/accounts/theme/", {"theme": "dark"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content, answer.cookies["theme"].value) == (204, b"", "dark")


@pytest.mark.parametrize(
    "theme", ["", "sepia", "DARK", "dark; Domain=evil.example", "dark\r\nSet-Cookie: a=b"]
)
def test_a_theme_that_does_not_exist_is_refused(theme: str) -> None:
    answer = Client().post("/accounts/theme/", {"theme": theme})
    assert (answer.status_code, "theme" in answer.cookies) == (400, False)


def test_the_choice_of_a_theme_needs_a_token_and_leads_to_no_other_site() -> None:
    assert Client(enforce_csrf_checks=True).post("/accounts/theme/", {"theme": "dark"}).status_code == 403
    for away in ("//evil.example", "https://evil.example/", "javascript:alert(1)", ""):
        answer = Client().post("/accounts/theme/", {"theme": "dark", "next": away})
        assert answer.headers["Location"] == "/"


def test_a_peer_reads_every_account_page_by_page(person: Any, api_for: Any) -> None:
    made = {str(person(f"p{n}@club.example").id) for n in range(130)}
    seen: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = api_for("study").get("/internal/accounts", {"cursor": after} if after else {}).json()
        seen += answer["results"]
        after = answer["next"]

    assert {row["account_id"] for row in seen} == made
    assert len(seen) == 130
    assert {row["email"] for row in seen} == {None}


def test_only_notification_sees_addresses(ada: Account, api_for: Any) -> None:
    (row,) = api_for("notification").get("/internal/accounts").json()["results"]

    assert row == {
        "account_id": str(ada.id),
        "name": "Ada",
        "github_id": None,
        "github_login": "",
        "language": "ko",
        "time_zone": "Asia/Seoul",
        "version": 1,
        "closed": False,
        "email": "ada@club.example",
    }


def test_a_peer_learns_who_left_and_nothing_of_who_never_came(
    ada: Account, olga: Account, api_for: Any
) -> None:
    unconfirmed = Account(email="new@club.example", name="New")
    register(account=unconfirmed, client=CLIENT_INFO, at=NOW)
    anonymise(account_id=ada.id, at=NOW)

    rows = api_for("notification").get("/internal/accounts").json()["results"]

    by_id = {row["account_id"]: row for row in rows}
    assert set(by_id) == {str(ada.id), str(olga.id)}
    assert (by_id[str(ada.id)]["closed"], by_id[str(ada.id)]["email"], by_id[str(ada.id)]["name"]) == (
        True,
        None,
        "",
    )


def test_a_broken_cursor_is_refused(api_for: Any, ada: Account) -> None:
    assert api_for("study").get("/internal/accounts", {"cursor": "x"}).json()["code"] == "bad_cursor"


def test_a_version_is_raised_in_the_statement_that_changes(
    ada: Account, django_assert_num_queries: Any
) -> None:
    stale = Account.objects.get(id=ada.id)
    change_profile(account_id=ada.id, name="First", at=NOW)

    with django_assert_num_queries(2) as made:
        account = Account.objects.update_versioned(stale.id, time_zone="UTC")

    assert "UPDATE" in made[0]["sql"]
    assert (account.version, account.name) == (3, "First")


def test_a_database_that_folds_accents_is_refused_at_start(monkeypatch: Any) -> None:
    cursor = SimpleNamespace(execute=lambda _sql: None, fetchone=lambda: ("utf8mb4_0900_ai_ci",))
    folding = SimpleNamespace(vendor="mysql", cursor=lambda: nullcontext(cursor))
    monkeypatch.setattr("users.accounts.apps.connections", {"default": folding})

    assert exact_collation() == []
    (error,) = exact_collation(databases=["default"])

    assert error.id == "users.E001"


def test_this_database_is_exact(person: Any) -> None:
    person("admin@club.example")

    assert exact_collation(databases=["default"]) == []
    for other in ("ádmin@club.example", "ADMIN@club.example", "ａdmin@club.example"):
        assert not Account.objects.filter(email=other).exists(), other


def test_the_log_forgets_after_a_year(ada: Account) -> None:
    record_audit(
        account_id=ada.id, kind=AuditKind.SIGNED_IN, client=CLIENT_INFO, at=NOW - timedelta(days=366)
    )

    delete_old_audit_entries(at=NOW)

    assert AuditEntry.objects.filter(account=ada).count() == 2


def test_accounts_that_never_confirmed_are_dropped_after_a_month(ada: Account) -> None:
    """A squatter cannot block an address for ever."""
    waiting = Account(email="new@club.example", name="New")
    register(account=waiting, client=CLIENT_INFO, at=NOW)
    EmailAddress.objects.create(user=waiting, email=waiting.email, primary=True)

    delete_unconfirmed_accounts(at=NOW + timedelta(days=29))
    assert Account.objects.count() == 2
    delete_unconfirmed_accounts(at=NOW + timedelta(days=31))

    assert list(Account.objects.all()) == [ada]
