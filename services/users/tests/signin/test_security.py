"""Passwords, sessions and the audit log (A5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.utils import timezone

from chassis.testing import NOW
from tests.conftest import CLIENT_INFO, PASSWORD, sign_in
from users.accounts.actions.audit import record_audit
from users.accounts.models import Account, AuditEntry, AuditKind
from users.signin import actions
from users.tokens import actions as tokens
from users.tokens.models import PersonalToken

pytestmark = pytest.mark.django_db

NEW = "nine quiet otters"


def is_in(browser: Client) -> bool:
    return browser.get("/accounts/profile/").status_code == 200


def test_signing_out_everywhere_else_leaves_this_browser_in(ada: Account, browser: Any) -> None:
    here, phone, library = browser(ada), browser(ada), browser(ada)

    page = here.post("/accounts/security/sessions/end-others/", follow=True).content.decode()

    assert (is_in(here), is_in(phone), is_in(library)) == (True, False, False)
    # The page says how long other open pages keep working.
    assert "10" in page.partition('role="status"')[2].partition("</div>")[0]
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.SESSIONS_ENDED).count() == 1


def test_signing_out_everywhere_is_here_as_well(ada: Account, browser: Any) -> None:
    here, phone = browser(ada), browser(ada)

    answer = here.post("/accounts/security/sessions/end-all/")

    assert answer.cookies["seodang"].value == ""
    assert (is_in(here), is_in(phone)) == (False, False)


def test_one_device_is_signed_out_by_itself(ada: Account, browser: Any) -> None:
    here, phone, library = browser(ada), browser(ada), browser(ada)
    session = UserSession.objects.get(session_key=phone.cookies["users_session"].value)

    here.post(f"/accounts/security/sessions/{session.id}/end/")

    assert (is_in(here), is_in(phone), is_in(library)) == (True, False, True)


def test_nobody_ends_anothers_session(ada: Account, clara: Account, browser: Any, api_for: Any) -> None:
    here, claras = browser(ada), browser(clara)
    session = UserSession.objects.get(user=ada)

    assert claras.post(f"/accounts/security/sessions/{session.id}/end/").status_code == 404
    assert api_for(clara).delete(f"/api/v1/users/sessions/{session.id}").status_code == 404
    assert api_for(clara).delete("/api/v1/users/sessions").status_code == 204
    assert (is_in(here), is_in(claras)) == (True, False)


def test_the_page_names_every_device_and_which_is_this(ada: Account) -> None:
    here, phone = Client(HTTP_USER_AGENT="Firefox on a desk"), Client(HTTP_USER_AGENT="Safari on a phone")
    sign_in(here)
    sign_in(phone, HTTP_X_FORWARDED_FOR="203.0.113.9")

    page = here.get("/accounts/security/").content.decode()

    assert "Firefox on a desk" in page
    assert "Safari on a phone" in page
    assert "203.0.113.9" in page
    assert page.count("/end/") == 1


def test_a_new_password_signs_every_other_device_out(ada: Account, browser: Any, deliver_emails: Any) -> None:
    here, phone = browser(ada), browser(ada)

    answer = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW})

    assert answer.headers["Location"] == "/accounts/security/"
    assert (is_in(here), is_in(phone)) == (True, False)
    assert phone.get("/accounts/renew?next=/").headers["Location"].startswith("/accounts/login/")
    assert sign_in(Client()).status_code == 422
    assert sign_in(Client(), password=NEW).status_code == 302
    assert [email.to for email in deliver_emails()] == [ada.email]
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.PASSWORD_CHANGED).exists()
    assert UserSession.objects.filter(user=ada).count() == 2


def test_signing_out_everywhere_asks_first(ada: Account, browser: Any) -> None:
    here, phone = browser(ada), browser(ada)
    assert 'href="/accounts/security/sessions/end-all/" data-confirm' in (
        here.get("/accounts/security/").content.decode()
    )

    asked = here.get("/accounts/security/sessions/end-all/").content.decode()

    assert 'action="/accounts/security/sessions/end-all/"' in asked
    assert (is_in(here), is_in(phone)) == (True, True)
    here.post("/accounts/security/sessions/end-all/")
    assert (is_in(here), is_in(phone)) == (False, False)


@pytest.mark.parametrize(("wanted", "left"), [({}, 1), ({"revoke_tokens": "on"}, 0)])
def test_a_new_password_offers_to_revoke_access_tokens(
    ada: Account, browser: Any, wanted: dict[str, str], left: int
) -> None:
    tokens.create(account_id=ada.id, name="bot", scope="read", days=7, client=CLIENT_INFO, at=timezone.now())
    here = browser(ada)
    assert "revoke_tokens" in here.get("/accounts/password/change/").content.decode()

    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, **wanted})

    assert PersonalToken.objects.filter(account=ada).count() == left


@pytest.mark.parametrize(
    "form", [{"oldpassword": "wrong", "password1": NEW}, {"oldpassword": PASSWORD, "password1": "short"}]
)
def test_a_password_is_not_changed_wrongly(ada: Account, browser: Any, form: dict[str, str]) -> None:
    assert browser(ada).post("/accounts/password/change/", form).status_code == 422
    assert sign_in(Client()).status_code == 302


def test_a_reset_by_email_works_once_and_signs_everyone_out(
    ada: Account, browser: Any, deliver_emails: Any
) -> None:
    thief = browser(ada)
    token = tokens.create(
        account_id=ada.id, name="bot", scope="read write", days=7, client=CLIENT_INFO, at=timezone.now()
    )
    exchange = {"token": token, "audience": "users"}
    assert Client().post("/api/v1/users/token", exchange, "application/json").status_code == 200
    owner = Client()
    owner.post("/accounts/password/reset/", {"email": "ADA@club.example"})
    (email,) = deliver_emails()
    form = owner.get(email.path, follow=True)
    # The key is removed from the URL, so that it does not leak.
    where = form.redirect_chain[-1][0]
    assert where.endswith("-set-password/")

    answer = owner.post(where, {"password1": NEW})

    assert answer.headers["Location"] == "/accounts/password/reset/key/done/"
    assert owner.get("/accounts/password/reset/key/done/").status_code == 200
    assert not is_in(thief)
    assert Client().post("/api/v1/users/token", exchange, "application/json").status_code == 401
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.TOKEN_REVOKED, about="bot").exists()
    assert sign_in(Client(), password=NEW).status_code == 302
    assert "-set-password/" not in str(Client().get(email.path, follow=True).redirect_chain)
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.PASSWORD_RESET).exists()


def test_asking_for_a_reset_looks_the_same_for_everyone(ada: Account, deliver_emails: Any) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in (ada.email, "nobody@club.example")
    ]

    assert {(a.status_code, a.headers["Location"]) for a in answers} == {
        (302, "/accounts/password/reset/done/")
    }
    assert Client().get("/accounts/password/reset/done/").status_code == 200
    emails = {email.to: email for email in deliver_emails()}
    assert "/accounts/signup/" in emails["nobody@club.example"].text


def test_a_session_in_use_is_extended_and_shows_its_last_use(ada: Account, browser: Any) -> None:
    here = browser(ada)
    Session.objects.update(expire_date=F("expire_date") - timedelta(days=20))
    UserSession.objects.update(last_seen_at=NOW - timedelta(days=400))

    here.get("/accounts/renew?next=/")

    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=29)
    assert UserSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)


def test_expired_sessions_are_deleted(ada: Account, browser: Any) -> None:
    browser(ada)
    Session.objects.update(expire_date=NOW - timedelta(days=1))

    actions.delete_expired_sessions(at=NOW)

    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_the_log_shows_what_failed_and_from_where(ada: Account, browser: Any) -> None:
    sign_in(Client(HTTP_USER_AGENT="a stranger"), password="wrong wrong", HTTP_X_FORWARDED_FOR="203.0.113.66")

    page = browser(ada).get("/accounts/security/").content.decode()

    assert "a stranger" in page
    assert "203.0.113.66" in page


def test_a_line_of_the_log_cannot_be_forged_by_a_browsers_name(ada: Account) -> None:
    agent = "<script>alert(1)</script>\r\nsigned_in"
    here = Client(HTTP_USER_AGENT=agent)
    sign_in(here)

    page = here.get("/accounts/security/").content.decode()

    assert "<script>alert" not in page


def test_the_audit_log_is_paginated(ada: Account, browser: Any) -> None:
    for n in range(60):
        record_audit(
            account_id=ada.id,
            kind=AuditKind.SIGNED_IN,
            client=CLIENT_INFO,
            at=NOW + timedelta(minutes=n),
            about=f"<{n}>",
        )
    here, seen, where = browser(ada), [], "/accounts/security/"
    while where:
        page = here.get(where).content.decode()
        seen += [n for n in range(60) if f"&lt;{n}&gt;" in page]
        _, found, _rest = page.partition('rel="next"')
        where = (
            "/accounts/security/"
            + page.rpartition('rel="next"')[0].rpartition('href="')[2].split('"')[0].replace("&amp;", "&")
            if found
            else ""
        )

    assert seen == list(range(60)) or sorted(seen) == list(range(60))
    assert here.get("/accounts/security/?cursor=nonsense").status_code == 400
