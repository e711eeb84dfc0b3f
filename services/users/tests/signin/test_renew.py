"""An expired token is renewed from the session, and the request repeated with its body."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chassis.testing import NOW
from chassis.web.auth import KNOWN_COOKIE, verify
from tests.conftest import CLIENT_INFO
from users.accounts.actions.roles import disable
from users.accounts.models import Account

pytestmark = pytest.mark.django_db


def test_a_page_is_redirected_to_with_a_new_token(ada: Account, browser: Any) -> None:
    here = browser(ada)
    del here.cookies["seodang"]

    answer = here.get("/accounts/renew?next=/missions/7/%3Fweek%3D3")

    assert (answer.status_code, answer.headers["Location"]) == (307, "/missions/7/?week=3")
    principal = verify(answer.cookies["seodang"].value)
    assert principal.account_id == ada.id
    assert principal.scopes == {"read", "write"}


@pytest.mark.parametrize("multipart", [False, True])
def test_a_posted_form_goes_on_with_its_method_and_body(ada: Account, browser: Any, multipart: bool) -> None:
    here = Client(enforce_csrf_checks=True)
    here.cookies = browser(ada).cookies
    body: dict[str, Any] = {"comment": "typed for an hour"}
    if multipart:
        body["file"] = SimpleUploadedFile("big.bin", b"x" * 3_000_000)

    answer = here.post("/accounts/renew?next=/reviews/7/", body)

    # 307 makes the browser repeat the request with its body. No CSRF token is needed here: nothing changes
    # here, and the target checks it.
    assert (answer.status_code, answer.headers["Location"]) == (307, "/reviews/7/")
    assert answer.cookies["seodang"].value


def test_without_a_session_a_page_asks_to_sign_in_and_comes_back(ada: Account) -> None:
    answer = Client().get("/accounts/renew?next=/missions/7/%3Fweek%3D3")

    assert answer.headers["Location"] == "/accounts/login/?next=/missions/7/%3Fweek%3D3"


def test_without_a_session_a_posted_form_is_kept_to_be_sent_again() -> None:
    answer = Client().post(
        "/accounts/renew?next=/reviews/7/", {"comment": "typed <b>for</b> an hour", "level": ["2", "3"]}
    )

    page = answer.content.decode()
    assert answer.status_code == 401
    assert 'action="/reviews/7/"' in page
    assert 'name="comment" value="typed &lt;b&gt;for&lt;/b&gt; an hour"' in page
    assert 'name="level" value="2"' in page
    assert 'name="level" value="3"' in page
    assert 'href="/accounts/login/?next=/accounts/signed-in/"' in page
    assert Client().get("/accounts/signed-in/").status_code == 200


def test_a_form_from_another_site_is_not_kept_to_be_sent_under_our_name() -> None:
    stranger = Client(enforce_csrf_checks=True)

    answer = stranger.post("/accounts/renew?next=/reviews/7/", {"comment": "forged"})

    assert answer.status_code == 403
    assert "forged" not in answer.content.decode()


@pytest.mark.parametrize("page", ["http://[", "http://[/missions/", "https://evil.example/"])
def test_htmx_on_a_page_that_is_none_leaves_for_the_sign_in_page_all_the_same(page: str) -> None:
    answer = Client().get(
        "/accounts/renew?next=/notifications/badge/",
        headers={"HX-Request": "true", "HX-Current-URL": page},
    )

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/accounts/login/?next=/")


def test_htmx_is_redirected_to_the_sign_in_page() -> None:
    answer = Client().get(
        "/accounts/renew?next=/notifications/badge/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/missions/7/"},
    )

    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/missions/7/"


def test_a_browser_knows_that_somebody_is_signed_in_until_they_sign_out(ada: Account, browser: Any) -> None:
    here = browser(ada)
    known = here.cookies[KNOWN_COOKIE]
    assert (known["path"], known["max-age"], known["httponly"]) == ("/", 30 * 24 * 3600, True)

    here.post("/accounts/logout/")

    assert here.cookies[KNOWN_COOKIE].value == ""


def test_an_open_page_is_come_back_to_even_without_a_session() -> None:
    stranger = Client()
    stranger.cookies[KNOWN_COOKIE] = "1"

    answer = stranger.get("/accounts/renew?next=/join/abc/&open=1")

    assert answer.headers["Location"] == "/join/abc/"
    # Otherwise the page would redirect in a loop.
    assert answer.cookies[KNOWN_COOKIE].value == ""


@pytest.mark.parametrize(
    "there",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/accounts/renew?next=/", "/a\nb"],
)
def test_renewing_leads_nowhere_else_and_not_in_circles(ada: Account, browser: Any, there: str) -> None:
    answer = browser(ada).get("/accounts/renew", {"next": there})

    assert answer.headers["Location"] == "/"


def test_a_disabled_account_gets_no_new_token(ada: Account, browser: Any) -> None:
    here = browser(ada)
    disable(account_id=ada.id, client=CLIENT_INFO, at=NOW)

    answer = here.get("/accounts/renew?next=/")

    assert answer.headers["Location"].startswith("/accounts/login/")
    assert answer.cookies["seodang"].value == ""


def test_our_own_pages_renew_on_the_spot(ada: Account, browser: Any) -> None:
    here = browser(ada)
    del here.cookies["seodang"]

    answer = here.get("/accounts/profile/")

    assert answer.status_code == 200
    assert verify(answer.cookies["seodang"].value).account_id == ada.id


def test_a_token_whose_session_was_ended_opens_no_page_of_ours(ada: Account, browser: Any) -> None:
    here, there = browser(ada), browser(ada)
    there.post("/accounts/security/sessions/end-others/")

    answer = here.get("/accounts/profile/")

    assert answer.status_code == 307
    assert answer.cookies["seodang"].value == ""


def test_the_token_of_one_person_does_not_serve_the_session_of_another(
    ada: Account, clara: Account, browser: Any
) -> None:
    here, claras = browser(ada), browser(clara)
    here.cookies["seodang"] = claras.cookies["seodang"].value

    answer = here.get("/accounts/profile/")

    assert ada.email in answer.content.decode()
    assert verify(answer.cookies["seodang"].value).account_id == ada.id
