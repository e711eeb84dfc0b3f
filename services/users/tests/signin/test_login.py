"""Sign-up, sign-in and sign-out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.test import Client

from tests.conftest import PASSWORD, sign_in
from users.accounts.models import Account, AuditEntry, AuditKind

pytestmark = pytest.mark.django_db

CLAIM = {"name": "Dana", "password1": PASSWORD}


def sign_up(browser: Client, **fields: str) -> Any:
    return browser.post("/accounts/signup/", {"email": "Dana@Club.example", **fields})


def claim(browser: Client, path: str, **fields: str) -> Any:
    """Open the emailed link and submit its form."""
    assert browser.get(path).status_code == 200
    return browser.post(path, {**CLAIM, **fields})


def test_who_signs_up_confirms_by_mail_and_arrives_where_they_were_going(
    deliver_emails: Any, published: Any
) -> None:
    browser = Client()

    answer = sign_up(browser, next="/join/abc/?part=be")

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    (email,) = deliver_emails()
    assert email.to == "dana@club.example"
    assert published("users.account_changed.v1") == []
    arrived = claim(browser, email.path)
    assert arrived.headers["Location"] == "/join/abc/?part=be"
    (event,) = published("users.account_changed.v1")
    assert (event["name"], event["language"], event["version"]) == ("Dana", "ko", 1)
    (contact,) = published("users.contact_changed.v1")
    assert contact["email"] == "dana@club.example"
    kinds = AuditEntry.objects.order_by("at").values_list("kind", flat=True)
    assert list(kinds) == [AuditKind.REGISTERED, AuditKind.EMAIL_CONFIRMED, AuditKind.SIGNED_IN]


def test_an_email_opened_on_another_device_leads_there_too(deliver_emails: Any) -> None:
    sign_up(Client(), next="/join/abc/")
    (email,) = deliver_emails()
    phone = Client()

    arrived = claim(phone, email.path)

    assert arrived.headers["Location"] == "/join/abc/"
    assert arrived.cookies["seodang"].value


def test_the_link_of_an_email_works_once(deliver_emails: Any) -> None:
    browser = Client()
    sign_up(browser)
    (email,) = deliver_emails()
    claim(browser, email.path)

    assert Client().get(email.path).status_code == 404
    assert Client().post(email.path, {**CLAIM, "name": "Eve"}).status_code == 404
    assert Account.objects.get().name == "Dana"


def test_signing_up_again_before_confirming_sends_the_email_again(deliver_emails: Any, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "confirm_email": None}
    sign_up(Client())
    deliver_emails()
    browser = Client()

    answer = sign_up(browser)

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    (email,) = deliver_emails()
    assert claim(browser, email.path).headers["Location"] == "/"
    assert Account.objects.count() == 1


def test_nobody_is_in_before_confirming(deliver_emails: Any) -> None:
    browser = Client()
    sign_up(browser, name="Dana", password1=PASSWORD)

    assert sign_in(browser, "dana@club.example").status_code == 422
    assert browser.get("/accounts/profile/").status_code == 307


def test_signing_up_with_a_taken_address_looks_like_any_and_writes_to_its_owner(
    ada: Account, deliver_emails: Any
) -> None:
    free, taken = Client(), Client()

    answers = [sign_up(free), sign_up(taken, email="ADA@club.example")]

    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    pages = [browser.get("/accounts/confirm-email/").content for browser in (free, taken)]
    assert strip_csrf(pages[0]) == strip_csrf(pages[1])
    to_ada = next(email for email in deliver_emails() if email.to == ada.email)
    assert "/accounts/password/reset/" in to_ada.text
    assert Account.objects.filter(email=ada.email).count() == 1


def strip_csrf(page: bytes) -> list[str]:
    return [line for line in page.decode().splitlines() if "csrfmiddlewaretoken" not in line]


def test_nothing_that_a_squatter_typed_counts(deliver_emails: Any, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "confirm_email": None}
    squatter, owner = Client(), Client()
    sign_up(squatter, name="Squatter", password1="password of a squatter")
    deliver_emails()
    sign_up(owner)
    (email,) = deliver_emails()

    page = owner.get(email.path).content.decode()
    assert "Squatter" not in page
    claim(owner, email.path)

    assert Account.objects.get().name == "Dana"
    assert sign_in(Client(), "dana@club.example", "password of a squatter").status_code == 422
    assert sign_in(Client(), "dana@club.example").headers["Location"] == "/"
    for path in ("/accounts/confirm-email/", "/accounts/renew?next=/", "/accounts/profile/", email.path):
        squatter.get(path)
    assert squatter.get("/accounts/profile/").status_code == 307


def test_what_an_older_release_kept_of_a_squatter_does_not_count_either(deliver_emails: Any) -> None:
    """Releases up to 0.1 asked for name and password when signing up."""
    sign_up(Client())
    squatted = Account.objects.get()
    squatted.set_password("password of a squatter")
    squatted.name = "Squatter"
    squatted.save(update_fields=["name", "password"])
    (email,) = deliver_emails()

    claim(Client(), email.path)

    squatted.refresh_from_db()
    assert squatted.name == "Dana"
    assert sign_in(Client(), "dana@club.example", "password of a squatter").status_code == 422


def test_a_reset_of_what_nobody_confirmed_leads_to_confirming(deliver_emails: Any, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "confirm_email": None}
    sign_up(Client())
    deliver_emails()
    owner = Client()

    answer = owner.post("/accounts/password/reset/", {"email": "dana@club.example"})

    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    (email,) = deliver_emails()
    assert email.path.startswith("/accounts/confirm-email/")
    assert claim(owner, email.path).headers["Location"] == "/"


def test_a_squatter_keeps_nobody_from_changing_to_the_address(
    ada: Account, browser: Any, deliver_emails: Any
) -> None:
    sign_up(Client(), email="new@club.example")
    deliver_emails()
    here = browser(ada)
    here.post("/accounts/email/", {"email": "new@club.example", "password": PASSWORD})
    (email,) = deliver_emails()

    assert here.post(email.path).status_code == 302

    ada.refresh_from_db()
    assert ada.email == "new@club.example"
    assert Account.objects.count() == 1


def test_a_wrong_password_and_an_unknown_name_look_the_same(ada: Account) -> None:
    known = sign_in(Client(), "ada@club.example", "wrong wrong wrong")
    unknown = sign_in(Client(), "eve@club.example", "wrong wrong wrong")

    assert known.status_code == unknown.status_code == 422
    assert strip_csrf(known.content.replace(b"ada@", b"eve@")) == strip_csrf(unknown.content)
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.SIGN_IN_FAILED).count() == 1


def test_a_refused_form_keeps_what_was_typed_but_not_the_password(deliver_emails: Any) -> None:
    browser = Client()
    sign_up(browser)
    (email,) = deliver_emails()

    answer = claim(browser, email.path, password1="short")

    assert answer.status_code == 422
    assert 'value="Dana"' in answer.content.decode()
    assert "short" not in answer.content.decode()
    assert Account.objects.get().confirmed_at is None


def test_the_session_changes_at_sign_in_and_its_cookie_is_ours_alone(ada: Account) -> None:
    browser = Client()
    browser.get("/accounts/login/")
    session = browser.session
    session["planted"] = "by an attacker"
    session.save()
    planted = session.session_key
    browser.cookies["users_session"] = str(planted)

    answer = sign_in(browser)

    cookie = answer.cookies["users_session"]
    assert cookie.value != planted
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/accounts", True, "Lax")
    token = answer.cookies["seodang"]
    assert (token["path"], token["httponly"], token["samesite"], token["max-age"]) == ("/", True, "Lax", 600)


def test_after_sign_out_neither_session_nor_token_is_left(ada: Account, browser: Any) -> None:
    here = browser(ada)
    old = here.cookies["users_session"].value

    answer = here.post("/accounts/logout/")

    assert answer.cookies["seodang"].value == ""
    again = Client()
    again.cookies["users_session"] = old
    assert again.get("/accounts/profile/").status_code == 307
    assert again.get("/accounts/renew?next=/").headers["Location"].startswith("/accounts/login/")


def test_signing_out_by_a_link_asks_first(ada: Account, browser: Any) -> None:
    here = browser(ada)

    assert here.get("/accounts/logout/").status_code == 200
    assert here.get("/accounts/profile/").status_code == 200


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "/\tevil",
        "\\\\evil.example",
        "evil",
    ],
)
def test_nobody_is_sent_off_this_site(ada: Account, there: str) -> None:
    answer = Client().post("/accounts/login/", {"login": ada.email, "password": PASSWORD, "next": there})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("admin@club.example", "ádmin@club.example"),
        ("strasse@club.example", "straße@club.example"),
        ("admin@club.example", "ａｄｍｉｎ@club.example"),
    ],
)
def test_addresses_that_only_look_alike_are_not_one_account(person: Any, registered: str, typed: str) -> None:
    person(registered)

    assert sign_in(Client(), typed).status_code == 422
    assert sign_in(Client(), registered.upper()).status_code == 302


def test_no_common_password_is_taken(deliver_emails: Any) -> None:
    common = sorted(p for p in CommonPasswordValidator().passwords if len(p) >= 8)[::250]
    browser = Client()
    sign_up(browser)
    (email,) = deliver_emails()

    for password in [*common, "dana@club.example"]:
        assert claim(browser, email.path, password1=password).status_code == 422, password
    assert not Account.objects.verified().exists()


@pytest.mark.parametrize(
    "password", ["onlysmallletters", "다람쥐가 쳇바퀴를 돌려요", "x9" * 64, " padded with blanks "]
)
def test_any_long_enough_password_is_taken_as_it_is(password: str, deliver_emails: Any) -> None:
    browser = Client()
    sign_up(browser)
    (email,) = deliver_emails()
    claim(browser, email.path, password1=password)

    assert sign_in(Client(), "dana@club.example", password).headers["Location"] == "/"


def test_passwords_are_hashed_as_owasp_advises_and_old_hashes_are_made_anew(
    person: Any, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [
        "users.signin.rules.Argon2id",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    ada = person("ada@club.example")
    assert ada.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    from django.contrib.auth.hashers import make_password

    Account.objects.filter(id=ada.id).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))

    assert sign_in(Client()).status_code == 302

    ada.refresh_from_db()
    assert ada.password.startswith("argon2$argon2id$")


def test_a_disabled_account_is_shown_as_disabled_only_with_its_password(ada: Account) -> None:
    from chassis.testing import NOW
    from tests.conftest import CLIENT_INFO
    from users.accounts.actions.roles import disable

    disable(account_id=ada.id, client=CLIENT_INFO, at=NOW)

    assert sign_in(Client()).headers["Location"] == "/accounts/inactive/"
    assert sign_in(Client(), password="wrong wrong wrong").status_code == 422
    assert Client().get("/accounts/inactive/").status_code == 200


def test_pages_that_allauth_has_but_we_do_not_use_are_not_there() -> None:
    for path in ["reauthenticate/", "login/code/", "3rdparty/", "social/connections/", "2fa/", "sessions/"]:
        assert Client().get(f"/accounts/{path}").status_code == 404, path
