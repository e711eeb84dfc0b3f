"""Guessing is limited, and does not lock the owner out (A1, A2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from tests.conftest import sign_in
from users.accounts.models import Account, AuditEntry, AuditKind
from users.ratelimit.models import AttemptCounter
from users.ratelimit.rules import WINDOW
from users.signin.rules import MAX_PER_ACCOUNT, MAX_PER_KNOWN_DEVICE, MAX_PER_NETWORK

pytestmark = pytest.mark.django_db


def guess(browser: Client, times: int, email: str = "ada@club.example", **more: Any) -> list[int]:
    return [sign_in(browser, email, f"wrong guess {n}", **more).status_code for n in range(times)]


def from_address(n: int) -> dict[str, str]:
    """Return X-Forwarded-For as the gateway sends it: the client's claim, then its address."""
    return {"HTTP_X_FORWARDED_FOR": f"10.0.0.1, 198.51.100.{n}"}


def test_the_guesses_for_one_account_are_counted_wherever_they_come_from(ada: Account) -> None:
    answers = [guess(Client(), 1, **from_address(n))[0] for n in range(MAX_PER_ACCOUNT + 3)]

    assert answers == [422] * MAX_PER_ACCOUNT + [429] * 3
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.SIGN_IN_BLOCKED).count() == 3


def test_the_right_password_works_again_after_the_window(ada: Account) -> None:
    guess(Client(), MAX_PER_ACCOUNT)
    assert sign_in(Client()).status_code == 429

    AttemptCounter.objects.update(expires_at=F("expires_at") - timedelta(minutes=15))

    assert sign_in(Client()).status_code == 302


def test_strangers_do_not_lock_the_owner_out_of_a_browser_that_is_known(ada: Account, browser: Any) -> None:
    own = browser(ada)
    own.post("/accounts/logout/")
    guess(Client(), MAX_PER_ACCOUNT + 5)

    assert sign_in(Client()).status_code == 429
    assert sign_in(own).status_code == 302


def test_a_known_browser_may_not_guess_on_either(ada: Account, browser: Any) -> None:
    own = browser(ada)
    own.post("/accounts/logout/")

    assert guess(own, MAX_PER_KNOWN_DEVICE + 1)[-1] == 429


def test_a_browser_known_to_one_account_is_a_stranger_to_another(
    ada: Account, clara: Account, browser: Any
) -> None:
    claras = browser(clara)
    claras.post("/accounts/logout/")

    guess(claras, MAX_PER_ACCOUNT)

    assert sign_in(Client()).status_code == 429


def test_a_new_password_by_email_lets_its_owner_in_at_once(ada: Account, deliver_emails: Any) -> None:
    guess(Client(), MAX_PER_ACCOUNT)
    owner = Client()
    owner.post("/accounts/password/reset/", {"email": ada.email})
    form = owner.get(deliver_emails()[0].path, follow=True)

    owner.post(form.redirect_chain[-1][0], {"password1": "nine quiet otters"})

    assert sign_in(Client(), password="nine quiet otters").status_code == 302


def test_the_guesses_from_one_address_are_counted_for_whatever_account() -> None:
    answers = [guess(Client(), 1, f"p{n}@club.example")[0] for n in range(MAX_PER_NETWORK + 1)]

    assert answers[-1] == 429
    assert guess(Client(), 1, "other@club.example", **from_address(1)) == [422]


def test_a_right_password_uses_no_attempt(ada: Account) -> None:
    for _ in range(MAX_PER_ACCOUNT + 2):
        assert sign_in(Client()).status_code == 302


@pytest.mark.parametrize(
    "name", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CLIENT_IP"]
)
def test_what_a_client_claims_of_its_address_changes_nothing(ada: Account, name: str) -> None:
    for n in range(MAX_PER_ACCOUNT):
        claim = f"203.0.113.{n}"
        headers = {"HTTP_X_FORWARDED_FOR": "192.0.2.1", name: claim}
        if name == "HTTP_X_FORWARDED_FOR":
            headers[name] = f"{claim}, 192.0.2.1"
        guess(Client(), 1, f"p{n}@club.example", **headers)

    counted = AttemptCounter.objects.filter(count=MAX_PER_ACCOUNT)
    # One for the network, and one for unknown accounts: no claimed address has a counter.
    assert counted.count() == 2


def test_the_form_says_how_many_attempts_are_left_for_anyone(ada: Account) -> None:
    for email in ("ada@club.example", "nobody@club.example"):
        guess(Client(), MAX_PER_ACCOUNT - 2, email)
        page = sign_in(Client(), email, "wrong once more").content.decode()
        assert "1번" in page


def test_the_limit_of_other_forms_is_a_page_of_ours(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup": "1/m/ip"}
    form = {"email": "a@club.example"}
    Client().post("/accounts/signup/", form)

    answer = Client().post("/accounts/signup/", form)

    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert "look/seodang" in answer.content.decode()


def test_a_blocked_sign_in_says_for_how_long(ada: Account) -> None:
    guess(Client(), MAX_PER_ACCOUNT)

    answer = sign_in(Client())

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= WINDOW.total_seconds()


def run_concurrently(times: int, do: Callable[[int], None]) -> None:
    """Run `do` in `times` threads, each with its own connection."""
    if connection.vendor == "sqlite" and str(connection.settings_dict["NAME"]).startswith("file:memory"):
        pytest.skip("threads share no in-memory database; MySQL runs this")

    def run(n: int) -> None:
        try:
            do(n)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_concurrent_guesses_cannot_exceed_the_limit(ada: Account) -> None:
    answers: list[int] = []

    run_concurrently(40, lambda n: answers.extend(guess(Client(), 1, **from_address(n))))

    assert answers.count(422) == MAX_PER_ACCOUNT
    assert answers.count(429) == 40 - MAX_PER_ACCOUNT


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_up_with_one_address_at_once_look_alike() -> None:
    form = {"email": "dana@club.example"}
    answers: list[Any] = []

    run_concurrently(4, lambda _n: answers.append(Client().post("/accounts/signup/", form)))

    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(302, "/accounts/confirm-email/")}
    assert Account.objects.count() == 1
