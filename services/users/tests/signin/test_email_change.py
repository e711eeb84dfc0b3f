"""Changing the email address: a typo neither locks the owner out nor lets anyone in."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from tests.conftest import PASSWORD, sign_in
from users.accounts.models import Account, AuditEntry, AuditKind

pytestmark = pytest.mark.django_db


def ask(here: Client, email: str = "ada@new.example", password: str = PASSWORD) -> Any:
    return here.post("/accounts/email/", {"email": email, "password": password})


def test_the_address_changes_when_the_emailed_link_is_confirmed(
    ada: Account, browser: Any, deliver_emails: Any, published: Any
) -> None:
    here = browser(ada)
    assert ask(here, "Ada@NEW.example").status_code == 302
    ada.refresh_from_db()
    assert ada.email == "ada@club.example"
    (email,) = deliver_emails()
    assert email.to == "ada@new.example"
    assert here.get(email.path).status_code == 200

    here.post(email.path)

    ada.refresh_from_db()
    assert ada.email == "ada@new.example"
    contact = published("users.contact_changed.v1")[-1]
    assert (contact["email"], contact["version"]) == ("ada@new.example", ada.version)
    assert len(published("users.account_changed.v1")) == 1
    assert [email.to for email in deliver_emails()] == ["ada@club.example"]
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.EMAIL_CHANGED).count() == 1
    assert sign_in(Client(), "ada@new.example").status_code == 302
    assert sign_in(Client(), "ada@club.example").status_code == 422


def test_it_wants_the_password(ada: Account, browser: Any, deliver_emails: Any) -> None:
    assert ask(browser(ada), password="not mine").status_code == 422
    assert deliver_emails() == []


def test_the_link_serves_nobody_but_who_asked(
    ada: Account, clara: Account, browser: Any, deliver_emails: Any
) -> None:
    """A typo in the new address sends the link to a stranger, who cannot use it."""
    ask(browser(ada))
    (email,) = deliver_emails()

    assert Client().post(email.path, follow=True).status_code == 401
    assert browser(clara).post(email.path).status_code == 404
    Client().post("/accounts/password/reset/", {"email": "ada@new.example"})
    assert "/accounts/signup/" in deliver_emails()[0].text
    assert Client().get(email.path).headers["Location"].startswith("/accounts/renew?next=/accounts/email/")
    ada.refresh_from_db()
    assert ada.email == "ada@club.example"


def test_an_address_that_someone_has_is_refused_without_saying_so(
    ada: Account, clara: Account, browser: Any, deliver_emails: Any
) -> None:
    here = browser(ada)

    answer = ask(here, clara.email or "")

    assert answer.status_code == ask(here).status_code == 302
    emails = {email.to: email for email in deliver_emails()}
    assert "/accounts/email/" not in emails["clara@elsewhere.example"].text
    assert "/accounts/email/" in emails["ada@new.example"].text


def test_an_address_taken_meanwhile_is_refused(
    ada: Account, person: Any, browser: Any, deliver_emails: Any
) -> None:
    here = browser(ada)
    ask(here)
    (email,) = deliver_emails()
    person("ada@new.example", name="Other")

    assert here.post(email.path).status_code == 409

    ada.refresh_from_db()
    assert ada.email == "ada@club.example"


def test_an_older_email_is_worthless_after_a_change(ada: Account, browser: Any, deliver_emails: Any) -> None:
    here = browser(ada)
    ask(here, "ada@one.example")
    ask(here, "ada@two.example")
    first, second = deliver_emails()
    here.post(second.path)

    assert here.post(first.path).status_code == 404

    ada.refresh_from_db()
    assert ada.email == "ada@two.example"
    assert EmailAddress.objects.filter(user=ada).count() == 1


@pytest.mark.parametrize("link", ["x", "a:b:c"])
def test_a_made_up_link_is_nothing(ada: Account, browser: Any, link: str) -> None:
    assert browser(ada).get(f"/accounts/email/{link}/").status_code == 404


def test_there_is_an_end_to_the_emails_one_may_cause(ada: Account, browser: Any, deliver_emails: Any) -> None:
    here = browser(ada)

    answers = [ask(here, f"victim{n}@elsewhere.example").status_code for n in range(12)]

    assert answers[-1] == 429
    assert len(deliver_emails()) == 10
