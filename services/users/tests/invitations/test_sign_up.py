"""Sign-up by the link of a mailed invitation: no confirmation email, and no account is taken over."""

from __future__ import annotations

import hashlib
import socket
from typing import Any

import pytest
from django.test import Client

from chassis.web.auth import verify
from tests.conftest import CLIENT_INFO, PASSWORD, FakeStudy, sign_in
from tests.test_pages import check
from users.accounts.actions.registration import EmailTaken, register_invited
from users.accounts.actions.roles import disable
from users.accounts.models import Account, AuditEntry, AuditKind
from users.emails.models import OutboundEmail

pytestmark = pytest.mark.django_db
KEY = "k3y-of-a-mail"
HASH = hashlib.sha256(KEY.encode()).hexdigest()
URL = f"/accounts/signup/invited/?key={KEY}"
JOIN = "/join/3q2-7w/"
FORM = {"name": "Kim", "password1": PASSWORD}


@pytest.fixture(autouse=True)
def kim(study: FakeStudy) -> None:
    """Kim was invited by mail."""
    study.invited = {HASH: {"name": "김서당", "email": "kim@example.org", "path": JOIN}}


def test_who_was_invited_by_mail_gets_an_account_in_one_step(published: Any) -> None:
    browser = Client()
    page = browser.get(URL).content.decode()
    check(page)
    assert "kim@example.org" in page
    assert 'value="김서당"' in page

    arrived = browser.post(URL, FORM)

    assert (arrived.status_code, arrived.headers["Location"]) == (302, JOIN)
    assert arrived.cookies["seodang"].value
    assert not OutboundEmail.objects.exists()
    (event,) = published("users.account_changed.v1")
    assert (event["name"], event["language"]) == ("Kim", "ko")
    (contact,) = published("users.contact_changed.v1")
    assert contact["email"] == "kim@example.org"
    # One press is one time.
    kinds = set(AuditEntry.objects.values_list("kind", flat=True))
    assert kinds == {AuditKind.REGISTERED, AuditKind.EMAIL_CONFIRMED, AuditKind.SIGNED_IN}
    assert sign_in(Client(), "kim@example.org").status_code == 302


def test_opening_the_link_creates_nothing_and_keeps_it_out_of_caches(study: FakeStudy) -> None:
    answer = Client().get(URL)

    assert not Account.objects.exists()
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_study_is_asked_by_hash_with_a_token_of_users(study: FakeStudy, settings: Any) -> None:
    Client().get(URL)

    [(path, authorization)] = study.requests
    assert path == f"/internal/invited-people/{HASH}"
    settings.SERVICE = "study"
    principal = verify(authorization.removeprefix("Bearer "))
    assert (principal.use, principal.subject) == ("service", "users")


@pytest.mark.parametrize("query", ["", "?key=", "?key=wrong", f"?key={HASH}", f"?key={'k' * 5000}"])
def test_without_the_key_there_is_no_account(query: str) -> None:
    for answer in (
        Client().get(f"/accounts/signup/invited/{query}"),
        Client().post(f"/accounts/signup/invited/{query}", {**FORM, "key": KEY, "email": "kim@example.org"}),
    ):
        assert answer.status_code == 404
        assert "kim@example.org" not in answer.content.decode()
        check(answer.content.decode())
    assert not Account.objects.exists()


def test_the_address_is_the_one_of_the_mail_whatever_is_sent() -> None:
    Client().post(URL, {**FORM, "email": "eve@example.org", "next": "https://evil.example/", "path": "/x/"})

    assert Account.objects.get().email == "kim@example.org"


def test_an_account_that_the_address_has_is_not_touched(person: Any) -> None:
    owner = person("kim@example.org", name="Kim", password="the owner's own words")
    before = Account.objects.filter(id=owner.id).values().get()
    browser = Client()

    opened, posted = browser.get(URL), browser.post(URL, FORM)

    assert (opened.status_code, posted.status_code) == (200, 409)
    for answer in (opened, posted):
        page = answer.content.decode()
        assert "/accounts/login/?next=%2Fjoin%2F3q2-7w%2F" in page
        assert "password1" not in page
        check(page)
    assert "seodang" not in posted.cookies
    assert Account.objects.filter(id=owner.id).values().get() == before
    with pytest.raises(EmailTaken):
        register_invited(
            email="KIM@example.org",
            name="Eve",
            password=PASSWORD,
            language="ko",
            client=CLIENT_INFO,
            at=owner.joined_at,
        )
    assert Account.objects.filter(id=owner.id).values().get() == before


def test_a_disabled_account_stays_disabled(person: Any) -> None:
    owner = person("kim@example.org")
    disable(account_id=owner.id, client=CLIENT_INFO, at=owner.joined_at)

    assert Client().post(URL, FORM).status_code == 409
    owner.refresh_from_db()
    assert owner.disabled_at is not None


def test_nothing_that_a_squatter_typed_counts(deliver_emails: Any) -> None:
    Client().post("/accounts/signup/", {"email": "kim@example.org"})
    squatter = Account.objects.get()
    squatter.set_password("password of a squatter")
    squatter.name = "Squatter"
    squatter.save()
    (email,) = deliver_emails()

    Client().post(URL, FORM)

    account = Account.objects.get()
    assert account.name == "Kim"
    assert account.check_password(PASSWORD)
    assert Client().post(email.path, {**FORM, "name": "Squatter"}).status_code == 404


def test_who_is_signed_in_goes_to_the_invitation(ada: Account, browser: Any) -> None:
    here = browser(ada)

    for answer in (here.get(URL), here.post(URL, FORM)):
        assert answer.headers["Location"] == JOIN
    assert Account.objects.count() == 1


def test_a_refused_form_keeps_the_name_but_not_the_password() -> None:
    answer = Client().post(URL, {"name": "Kim Seodang", "password1": "short"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Kim Seodang" in page
    assert "short" not in page
    assert not Account.objects.exists()


def test_a_foreign_path_is_not_followed(study: FakeStudy) -> None:
    study.invited[HASH]["path"] = "//evil.example/"

    assert Client().post(URL, FORM).headers["Location"] == "/"


@pytest.mark.parametrize("trouble", ["refused", "broken"])
def test_without_study_nothing_is_made(study: FakeStudy, settings: Any, trouble: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if trouble == "refused":
            settings.STUDY_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
        study.status = 500

        answer = Client().post(URL, FORM)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert not Account.objects.exists()
