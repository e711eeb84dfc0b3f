"""Sign-in with GitHub identifies accounts by user id, never by login (A12).

Only GitHub's HTTP API is faked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client

from tests.conftest import PASSWORD, sign_in
from users.accounts.models import Account, AuditEntry, AuditKind, GitHubOAuthClient
from users.accounts.queries import github_oauth_client

pytestmark = pytest.mark.django_db


class GitHub:
    """A fake of GitHub with one signed-in user."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.emails: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.proof = ""

    def is_now(self, number: int, login: str, email: str = "", *, verified: bool = True) -> None:
        self.person = {"id": number, "login": login, "name": login.title(), "email": None}
        self.emails = [{"email": email, "primary": True, "verified": verified}] if email else []

    def send(self, request: requests.PreparedRequest, **_more: Any) -> requests.Response:
        url = str(request.url)
        self.asked.append(url)
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, url
        response.headers["Content-Type"] = "application/json"
        if url == "https://github.com/login/oauth/access_token":
            self.proof = parse_qs(str(request.body or ""))["code_verifier"][0]
            answer: Any = {"access_token": "gho_x", "token_type": "bearer"}
        elif url == "https://api.github.com/user":
            answer = self.person
        elif url == "https://api.github.com/user/emails":
            answer = self.emails
        else:
            raise AssertionError(url)
        response._content = json.dumps(answer).encode()
        return response


@pytest.fixture
def github(monkeypatch: Any, settings: Any) -> GitHub:
    there = GitHub()
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", there.send)
    settings.GITHUB_CLIENT_ID = "client"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "github": {"APPS": [{"client_id": "client", "secret": "s", "key": ""}], "OAUTH_PKCE_ENABLED": True}
    }
    return there


def go(browser: Client, **form: str) -> Any:
    """Start the sign-in, and follow GitHub's callback."""
    away = browser.post("/accounts/github/login/", form)
    question = parse_qs(urlsplit(away.headers["Location"]).query)
    assert away.headers["Location"].startswith("https://github.com/login/oauth/authorize?")
    assert question["code_challenge_method"] == ["S256"]
    return browser.get("/accounts/github/login/callback/", {"code": "c", "state": question["state"][0]})


Link = Callable[[Account, int, str], Client]


@pytest.fixture
def linked(github: GitHub, browser: Any) -> Link:
    """linked(account, number, login) → their browser, after linking."""

    def link(account: Account, number: int, login: str) -> Client:
        github.is_now(number, login)
        here: Client = browser(account)
        assert go(here, process="connect").headers["Location"] == "/accounts/profile/"
        account.refresh_from_db()
        return here

    return link


def test_linking_publishes_id_and_login(
    ada: Account, linked: Link, published: Any, deliver_emails: Any
) -> None:
    linked(ada, 101, "ada-codes")

    event = published("users.account_changed.v1")[-1]
    assert (event["github_id"], event["github_login"], event["version"]) == (101, "ada-codes", ada.version)
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.GITHUB_LINKED, about="ada-codes").exists()
    assert any("GitHub" in email.subject for email in deliver_emails())


def test_a_linked_account_signs_in_and_a_new_login_is_published(
    ada: Account, linked: Link, github: GitHub, published: Any
) -> None:
    linked(ada, 101, "ada-codes")
    github.is_now(101, "ada-renamed")
    phone = Client()

    answer = go(phone, next="/missions/")

    assert answer.headers["Location"] == "/missions/"
    assert answer.cookies["seodang"].value
    assert published("users.account_changed.v1")[-1]["github_login"] == "ada-renamed"


def test_the_new_owner_of_an_old_login_takes_nobody_over(
    ada: Account, linked: Link, github: GitHub, deliver_emails: Any
) -> None:
    linked(ada, 101, "ada-codes")
    github.is_now(666, "ada-codes", "eve@evil.example")
    eve = Client()

    go(eve)

    assert "eve@evil.example" in eve.get("/accounts/profile/").content.decode()
    ada.refresh_from_db()
    assert (ada.github_id, ada.github_login) == (101, "ada-codes")
    assert Account.objects.get(github_id=666).email == "eve@evil.example"


def test_a_github_account_belongs_to_one_person(ada: Account, clara: Account, linked: Link) -> None:
    linked(ada, 101, "ada-codes")

    claras = linked(clara, 101, "ada-codes")

    assert clara.github_id is None
    assert 'class="alert danger"' in claras.get("/accounts/profile/").content.decode()


def test_a_second_github_account_needs_the_first_unlinked(ada: Account, linked: Link) -> None:
    linked(ada, 101, "ada-codes")

    linked(ada, 102, "ada-at-work")

    assert ada.github_id == 101


def test_unlinking_asks_deletes_and_publishes(
    ada: Account, linked: Link, github: GitHub, published: Any
) -> None:
    here = linked(ada, 101, "ada-codes")
    assert here.get("/accounts/github/unlink/").status_code == 200

    here.post("/accounts/github/unlink/")

    event = published("users.account_changed.v1")[-1]
    assert (event["github_id"], event["github_login"]) == (None, "")
    github.is_now(101, "ada-codes", "ada@other.example")
    go(Client())
    assert Account.objects.get(email="ada@other.example").id != ada.id


def test_signing_up_with_a_verified_address_needs_no_email(github: GitHub, published: Any) -> None:
    github.is_now(303, "dana-dev", "Dana@Club.example")

    answer = go(Client(), next="/join/abc/")

    assert answer.headers["Location"] == "/join/abc/"
    dana = Account.objects.get(email="dana@club.example")
    assert (dana.github_id, dana.github_login, dana.has_usable_password()) == (303, "dana-dev", False)
    (event,) = published("users.account_changed.v1")
    assert (event["github_id"], event["name"]) == (303, "Dana-Dev")
    assert published("users.contact_changed.v1")[0]["email"] == "dana@club.example"


def test_an_address_that_github_did_not_verify_is_confirmed_by_email(
    github: GitHub, published: Any, deliver_emails: Any
) -> None:
    github.is_now(303, "dana-dev", "dana@club.example", verified=False)
    browser = Client()

    answer = go(browser)

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert published("users.account_changed.v1") == []
    (email,) = deliver_emails()
    page = browser.get(email.path).content.decode()
    assert 'value="Dana-Dev"' in page
    assert "password1" not in page
    assert browser.post(email.path, {"name": "Dana"}).headers["Location"] == "/"
    (event,) = published("users.account_changed.v1")
    assert (event["github_id"], event["name"]) == (303, "Dana")


def test_whose_email_is_opened_elsewhere_keeps_no_github_of_somebody_else(
    github: GitHub, published: Any, deliver_emails: Any
) -> None:
    """Eve, signed in at GitHub, enters Dana's address."""
    github.is_now(666, "eve", "dana@club.example", verified=False)
    eve, dana = Client(), Client()
    go(eve)
    (email,) = deliver_emails()

    assert "eve" not in dana.get(email.path).content.decode().partition("</style>")[2].lower()
    dana.post(email.path, {"name": "Dana", "password1": PASSWORD})

    assert published("users.account_changed.v1")[0]["github_id"] is None
    go(eve)
    assert eve.get("/accounts/profile/").status_code == 307
    assert sign_in(Client(), "dana@club.example").headers["Location"] == "/"


def test_an_address_that_github_verified_is_not_kept_from_its_owner_by_a_squatter(github: GitHub) -> None:
    Client().post("/accounts/signup/", {"email": "dana@club.example"})
    github.is_now(303, "dana-dev", "dana@club.example")
    browser = Client()

    assert go(browser).headers["Location"] == "/"

    assert Account.objects.get().github_id == 303


def test_without_an_address_one_is_asked_for(github: GitHub, deliver_emails: Any) -> None:
    github.is_now(303, "dana-dev")
    browser = Client()

    assert go(browser).headers["Location"] == "/accounts/github/signup/"
    assert 'value="Dana-Dev"' in browser.get("/accounts/github/signup/").content.decode()
    browser.post("/accounts/github/signup/", {"email": "dana@club.example", "name": "Dana"})

    assert deliver_emails()[0].to == "dana@club.example"
    assert Account.objects.get(email="dana@club.example").github_id == 303


def test_an_address_that_has_an_account_is_not_taken_over(
    ada: Account, github: GitHub, deliver_emails: Any
) -> None:
    github.is_now(666, "eve", "ada@club.example")
    eve = Client()

    answer = go(eve)

    assert "seodang" not in answer.cookies
    ada.refresh_from_db()
    assert ada.github_id is None
    (email,) = deliver_emails()
    assert (email.to, "/accounts/password/reset/" in email.text) == (ada.email, True)


def test_who_came_with_github_alone_sets_a_password_before_unlinking(github: GitHub) -> None:
    github.is_now(303, "dana-dev", "dana@club.example")
    here = Client()
    go(here)

    assert here.post("/accounts/github/unlink/").status_code == 409
    assert here.post("/accounts/password/set/", {"password1": PASSWORD}).status_code == 302
    assert here.post("/accounts/github/unlink/").status_code == 302
    assert sign_in(Client(), "dana@club.example").status_code == 302


def test_who_came_with_github_a_moment_ago_may_close_the_account(github: GitHub) -> None:
    github.is_now(303, "dana-dev", "dana@club.example")
    here = Client()
    go(here)

    assert here.post("/accounts/close/").status_code == 302

    assert Account.objects.get().closed_at


def test_a_state_that_this_browser_was_not_given_is_refused(
    ada: Account, github: GitHub, browser: Any
) -> None:
    github.is_now(666, "eve")
    eve = Client()
    away = eve.post("/accounts/github/login/", {"process": "connect"})
    state = parse_qs(urlsplit(away.headers["Location"]).query)["state"][0]

    answer = browser(ada).get("/accounts/github/login/callback/", {"code": "c", "state": state})

    assert answer.status_code == 401
    ada.refresh_from_db()
    assert ada.github_id is None


def test_a_state_works_once(github: GitHub) -> None:
    github.is_now(303, "dana-dev", "dana@club.example")
    here = Client()
    away = here.post("/accounts/github/login/")
    state = parse_qs(urlsplit(away.headers["Location"]).query)["state"][0]
    here.get("/accounts/github/login/callback/", {"code": "c", "state": state})

    assert here.get("/accounts/github/login/callback/", {"code": "c", "state": state}).status_code == 401


def test_the_github_callback_is_at_the_public_url_whatever_host_a_request_claims(
    github: GitHub, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://club.example"

    away = Client().post("/accounts/github/login/", HTTP_HOST="localhost")

    (back,) = parse_qs(urlsplit(away.headers["Location"]).query)["redirect_uri"]
    assert back == "https://club.example/accounts/github/login/callback/"


def test_changing_ones_mind_at_github_is_no_error(github: GitHub) -> None:
    here = Client()
    away = here.post("/accounts/github/login/")
    state = parse_qs(urlsplit(away.headers["Location"]).query)["state"][0]

    answer = here.get(
        "/accounts/github/login/callback/", {"error": "access_denied", "state": state}, follow=True
    )

    assert answer.redirect_chain[-1][0] == "/accounts/login/"


def test_linking_needs_somebody_who_is_signed_in(github: GitHub) -> None:
    github.is_now(101, "ada-codes")

    assert go(Client(), process="connect").headers["Location"] == "/accounts/profile/"

    assert not Account.objects.exists()


def test_going_to_github_is_a_form_that_the_policy_allows(github: GitHub) -> None:
    page = Client().get("/accounts/login/").content.decode()

    assert 'action="/accounts/github/login/"' in page
    assert Client().get("/accounts/github/login/").headers["Location"] == "/accounts/"


def test_without_a_github_app_nobody_is_sent_there_and_the_profile_says_why(
    ada: Account, browser: Any
) -> None:
    assert "github" not in Client().get("/accounts/login/").content.decode().lower()
    assert Client().post("/accounts/github/login/").status_code == 404
    assert Client().get("/accounts/github/login/callback/").status_code == 404
    page = browser(ada).get("/accounts/profile/").content.decode()
    assert "GitHub" in page
    assert "/accounts/github/" not in page


def test_of_what_github_says_only_the_login_is_kept(ada: Account, linked: Link) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialToken

    linked(ada, 101, "ada-codes")

    assert SocialAccount.objects.get().extra_data == {"login": "ada-codes"}
    assert not SocialToken.objects.exists()


class TestClientOfTheGitHubApp:
    CLIENT = {"client_id": "Iv1.app", "client_secret": "app-secret", "changed_at": "2026-11-24T09:00:00Z"}
    PATH = "/internal/github/oauth-client"

    @pytest.fixture(autouse=True)
    def without_settings(self, github: GitHub, settings: Any) -> None:
        settings.GITHUB_CLIENT_ID = ""
        settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [], "OAUTH_PKCE_ENABLED": True}}

    def test_people_link_github_by_it(self, ada: Account, github: GitHub, browser: Any, api_for: Any) -> None:
        assert Client().post("/accounts/github/login/").status_code == 404

        assert api_for("study").put(self.PATH, self.CLIENT).status_code == 204

        github.is_now(101, "ada-codes")
        go(browser(ada), process="connect")
        ada.refresh_from_db()
        assert ada.github_id == 101

    def test_the_secret_is_encrypted_and_an_older_one_changes_nothing(self, api_for: Any) -> None:
        api_for("study").put(self.PATH, self.CLIENT)
        older = self.CLIENT | {"client_secret": "older", "changed_at": "2026-11-23T09:00:00Z"}
        api_for("study").put(self.PATH, older)

        row = GitHubOAuthClient.objects.get()
        assert "app-secret" not in row.client_secret
        assert github_oauth_client() == ("Iv1.app", "app-secret")

    def test_the_settings_win(self, api_for: Any, settings: Any) -> None:
        api_for("study").put(self.PATH, self.CLIENT)
        settings.GITHUB_CLIENT_ID = "client"
        settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [{"client_id": "client", "secret": "s"}]}}

        assert github_oauth_client() == ("client", "s")

    def test_only_study_may_set_it(self, ada: Account, api_for: Any) -> None:
        assert api_for("notification").put(self.PATH, self.CLIENT).status_code == 403
        assert api_for(ada).put(self.PATH, self.CLIENT).status_code == 403
        assert api_for(None).put(self.PATH, self.CLIENT).status_code == 401
        assert not GitHubOAuthClient.objects.exists()
