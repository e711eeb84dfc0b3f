"""Every form that is submitted twice takes effect once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

import users
from chassis.testing.repeats import forms_without_key, row_counts
from tests.conftest import PASSWORD, sign_in
from users.accounts.models import Account
from users.emails.models import OutboundEmail
from users.owners.access import setup_code
from users.tokens import rules
from users.tokens.models import PersonalToken

pytestmark = pytest.mark.django_db

# Idempotent forms, which create nothing.
CHANGES = {
    "account/login.html",
    "account/logout.html",
    "owners/people.html {% url 'set_cohort_creation' account.id %}",
    "profile/profile.html",
    # Redirects to GitHub, which starts again.
    "profile/profile.html {% url 'github_login' %}",
    "signin/github.html {% url 'github_login' %}",
    "signin/security.html {% url 'end_other_sessions' %}",
}
KEY = {"idempotency_key": "6f0d1a52-6a0c-4a55-8d0f-2b7b5f1f8a11"}


def test_every_form_that_creates_carries_a_key() -> None:
    assert forms_without_key(Path(users.__file__).parent) == CHANGES


def posted_twice(browser: Client, path: str, typed: dict[str, Any]) -> tuple[Any, Any]:
    """Post twice and return both answers. Fails if they differ or if the second adds rows."""
    first = browser.post(path, typed | KEY)
    assert first.status_code in {201, 302}, first.content.decode()
    rows = row_counts()
    second = browser.post(path, typed | KEY)
    assert row_counts() == rows
    assert (second.status_code, second.get("Location")) == (first.status_code, first.get("Location"))
    return first, second


def test_a_token_made_twice_is_one_token_and_both_answers_show_it(ada: Account, browser: Any) -> None:
    typed = {"name": "attendance bot", "scope": rules.READ_WRITE, "days": 30}

    first, second = posted_twice(browser(ada), "/accounts/tokens/", typed)

    assert PersonalToken.objects.count() == 1
    assert b'id="made"' in second.content
    assert second.content == first.content


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/accounts/data/", {}),
        ("/accounts/email/", {"email": "new@club.example", "password": PASSWORD}),
        ("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "eight grey geese"}),
    ],
)
def test_a_form_of_ones_own_sent_twice_lands_on_the_first_result(
    ada: Account, browser: Any, path: str, typed: dict[str, Any]
) -> None:
    posted_twice(browser(ada), path, typed)


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/accounts/signup/", {"email": "eve@club.example", "name": "Eve", "password1": PASSWORD}),
        ("/accounts/password/reset/", {"email": "ada@club.example"}),
    ],
)
def test_a_strangers_form_sent_twice_sends_one_email(ada: Account, path: str, typed: dict[str, Any]) -> None:
    posted_twice(Client(), path, typed)

    assert OutboundEmail.objects.count() == 1


def test_the_first_owner_is_made_once() -> None:
    typed = {"code": setup_code(), "email": "olga@club.example", "name": "Olga", "password": PASSWORD}

    posted_twice(Client(), "/accounts/setup/", typed)

    assert Account.objects.count() == 1


def test_a_session_ended_twice_is_ended_once(ada: Account, browser: Any) -> None:
    here, elsewhere = browser(ada), Client()
    sign_in(elsewhere)
    other = UserSession.objects.get(session_key=elsewhere.cookies["users_session"].value)

    posted_twice(here, f"/accounts/security/sessions/{other.id}/end/", {})
