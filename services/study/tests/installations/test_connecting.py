"""The owner connects GitHub by the manifest flow; nothing secret is shown or stored in plain text."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from joserfc.jwk import RSAKey

from chassis.crypto import decrypt
from chassis.testing.github import CLIENT_SECRET, WEBHOOK_SECRET
from study.installations.models import GitHubApp
from study.installations.rules.manifest import create_manifest, is_reachable
from tests.conftest import ADA, BORIS, OLGA
from tests.installations.conftest import PEM

pytestmark = pytest.mark.django_db
PATH = "/cohorts/github/"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def form_of(answer: Any) -> tuple[str, dict[str, Any]]:
    """Return the address of the form that posts to GitHub, and its manifest."""
    (address,) = re.findall(r'action="(https://[^"]+)"', text(answer))
    (manifest,) = re.findall(r'name="manifest" value="([^"]+)"', text(answer))
    return html.unescape(address), json.loads(html.unescape(manifest))


def state_of(answer: Any) -> str:
    return form_of(answer)[0].partition("state=")[2]


def test_the_form_posts_the_manifest_to_github(owner):
    answer = owner.get(PATH)

    address, manifest = form_of(answer)
    assert address.startswith("https://github.com/settings/apps/new?state=")
    assert manifest["redirect_url"] == "http://testserver/cohorts/github/created/"
    assert manifest["setup_url"] == "http://testserver/cohorts/github/installed/"
    assert manifest["callback_urls"] == ["http://testserver/accounts/github/login/callback/"]
    assert manifest["default_permissions"] == {
        "metadata": "read",
        "contents": "read",
        "pull_requests": "read",
        "checks": "write",
    }
    assert len(manifest["name"]) <= 34
    assert "form-action 'self' https://github.com" in answer.headers["Content-Security-Policy"]


def test_a_reachable_address_has_a_webhook():
    paths = {"hook": "/hooks/github/app", "redirect": "/r", "setup": "/s", "oauth": "/o"}
    manifest = create_manifest(
        public_url="https://club.example.org", paths=paths, has_webhook=True, is_public=True
    )

    assert manifest["hook_attributes"] == {"url": "https://club.example.org/hooks/github/app", "active": True}
    assert "pull_request" in manifest["default_events"]


def test_an_organization_can_own_the_app(owner):
    address, manifest = form_of(owner.get(PATH, {"organization": "Our-Club"}))

    assert address.startswith("https://github.com/organizations/Our-Club/settings/apps/new?state=")
    assert manifest["public"] is False


def test_a_name_that_is_no_organization_comes_back_with_an_error(owner):
    answer = owner.get(PATH, {"organization": "no/such name"})

    assert answer.status_code == 422
    assert 'value="no/such name"' in text(answer)
    assert "/organizations/" not in form_of(answer)[0]


def test_an_enterprise_server_has_its_own_address(owner, settings):
    settings.GITHUB_WEB_URL = "https://github.school.example"

    answer = owner.get(PATH)

    assert form_of(answer)[0].startswith("https://github.school.example/settings/apps/new?")
    assert "form-action 'self' https://github.school.example" in answer.headers["Content-Security-Policy"]


def test_an_address_that_github_cannot_reach_has_no_webhook(owner):
    answer = owner.get(PATH)

    assert {"hook_attributes", "default_events"}.isdisjoint(form_of(answer)[1])
    assert "GitHub이 이 주소에 접속할 수 없어요" in text(answer)
    assert "http://testserver" in text(answer)


@pytest.mark.parametrize(
    ("address", "github", "expected"),
    [
        ("https://seodang.org", "https://github.com", True),
        ("https://8.8.8.8", "https://github.com", True),
        ("http://localhost:8000", "https://github.com", False),
        ("http://192.168.0.7:8000", "https://github.com", False),
        ("http://[::1]", "https://github.com", False),
        ("http://seodang", "https://github.com", False),
        ("https://seodang.local", "https://github.com", False),
        ("http://10.0.0.1", "https://github.school.example", True),
        ("http://seodang", "https://github.school.example", True),
        ("http://127.0.0.1:8000", "https://github.school.example", False),
    ],
)
def test_which_addresses_github_reaches(address, github, expected):
    assert is_reachable(address, github) is expected


def test_the_code_becomes_the_app_with_encrypted_secrets(owner, github_server):
    state = state_of(owner.get(PATH))

    answer = owner.get(f"{PATH}created/", {"code": "a-code", "state": state}, follow=True)

    app = GitHubApp.objects.get()
    assert app.html_url == "https://github.com/apps/seodang-club"
    assert [decrypt(app.secret), decrypt(app.client_secret)] == [WEBHOOK_SECRET, CLIENT_SECRET]
    assert decrypt(app.private_key) == PEM
    assert "https://github.com/apps/seodang-club/installations/new" in text(answer)
    columns = " ".join(str(value) for value in GitHubApp.objects.values()[0].values())
    for secret in (WEBHOOK_SECRET, CLIENT_SECRET, "PRIVATE KEY"):
        assert secret not in text(answer) + columns


def test_an_app_without_a_webhook_has_no_secret_and_takes_no_delivery(owner, github_server, send):
    github_server.has_webhook = False

    owner.get(f"{PATH}created/", {"code": "a-code", "state": state_of(owner.get(PATH))})

    assert GitHubApp.objects.get().secret == ""
    assert send("ping", {}, secret="").status_code == 401


def test_a_code_that_github_does_not_know_creates_nothing(owner, github_server):
    state = state_of(owner.get(PATH))

    answer = owner.get(f"{PATH}created/", {"code": "../../user", "state": state}, follow=True)

    assert not GitHubApp.objects.exists()
    assert "이미 사용됐거나" in text(answer)


def test_a_github_that_does_not_answer_is_said(owner, settings):
    settings.GITHUB_API_URL = "http://127.0.0.1:1"

    answer = owner.get(f"{PATH}created/", {"code": "a-code", "state": state_of(owner.get(PATH))}, follow=True)

    assert answer.status_code == 503
    assert "GitHub이 응답하지 않아요" in text(answer)


def test_every_page_with_the_form_lets_it_post_to_github(owner, connected, settings):
    GitHubApp.objects.update(refused_at=timezone.now())
    state = state_of(owner.get(PATH))
    refused = owner.post(f"{PATH}credentials/", {"private_key": "nonsense"})
    settings.GITHUB_API_URL = "http://127.0.0.1:1"
    unanswered = owner.get(f"{PATH}created/", {"code": "a-code", "state": state})

    for answer in (refused, unanswered):
        assert form_of(answer)[0].startswith("https://github.com/settings/apps/new?")
        assert "form-action 'self' https://github.com" in answer.headers["Content-Security-Policy"]


def test_a_state_of_somebody_else_or_none_creates_nothing(owner, as_principal, github_server):
    others = state_of(as_principal(ADA, roles=["owner"]).get(PATH))

    for state in (others, "", "forged"):
        owner.get(f"{PATH}created/", {"code": "a-code", "state": state})

    assert github_server.asked == []
    assert not GitHubApp.objects.exists()


def test_a_second_app_is_not_stored_while_github_accepts_the_first(connected, owner, as_principal):
    connected.codes.add("another")
    state = state_of_anyone(owner)

    owner.get(f"{PATH}created/", {"code": "another", "state": state})

    assert GitHubApp.objects.count() == 1
    assert 'name="manifest"' not in text(owner.get(PATH))


def state_of_anyone(owner: Any) -> str:
    """Return a state as an earlier page of this owner has shown it."""
    GitHubApp.objects.update(refused_at=timezone.now())
    state = state_of(owner.get(PATH))
    GitHubApp.objects.update(refused_at=None)
    return state


def test_an_app_that_github_refuses_is_replaced(connected, owner):
    GitHubApp.objects.update(refused_at=timezone.now(), name="Old")
    connected.codes.add("another")

    owner.get(f"{PATH}created/", {"code": "another", "state": state_of(owner.get(PATH))})

    app = GitHubApp.objects.get()
    assert (app.name, app.refused_at) == ("Seodang club", None)


@pytest.mark.parametrize("who", [ADA, BORIS, OLGA])
@pytest.mark.parametrize("path", ["", "created/", "credentials/"])
def test_the_app_is_the_owners_alone(club, as_principal, who, path):
    browser = as_principal(who)

    answer = browser.post(f"{PATH}{path}") if path == "credentials/" else browser.get(f"{PATH}{path}")

    assert answer.status_code == 404


class TestCredentials:
    def test_a_new_client_secret_is_to_be_sent_again(self, connected, owner):
        GitHubApp.objects.update(client_sent_at=timezone.now())

        answer = owner.post(f"{PATH}credentials/", {"client_secret": "another-secret"})

        app = GitHubApp.objects.get()
        assert answer.status_code == 302
        assert decrypt(app.client_secret) == "another-secret"
        assert app.client_sent_at is None
        assert decrypt(app.private_key) == PEM

    def test_a_webhook_secret_before_is_valid_for_a_day(self, connected, owner, send):
        owner.post(f"{PATH}credentials/", {"webhook_secret": "another-secret"})

        assert send("ping", {}, secret="another-secret").status_code == 200
        assert send("ping", {}).status_code == 200
        GitHubApp.objects.update(previous_secret_expires_at=timezone.now() - timedelta(seconds=1))
        assert send("ping", {}).status_code == 401

    def test_a_new_private_key_is_accepted(self, connected, owner):
        GitHubApp.objects.update(refused_at=timezone.now())
        key = RSAKey.generate_key(2048, private=True).as_pem(private=True).decode()

        owner.post(f"{PATH}credentials/", {"private_key": key})

        assert GitHubApp.objects.get().refused_at is None

    def test_what_is_no_private_key_is_refused(self, connected, owner):
        public = RSAKey.import_key(PEM).as_pem(private=False).decode()

        for typed in ("nonsense", public):
            answer = owner.post(f"{PATH}credentials/", {"private_key": typed})
            assert answer.status_code == 422
            assert "PEM 형식의 RSA 개인 키가 아니에요" in text(answer)
        assert decrypt(GitHubApp.objects.get().private_key) == PEM

    def test_nothing_entered_is_said(self, connected, owner):
        assert owner.post(f"{PATH}credentials/", {}).status_code == 422


class TestRotatingTheWebhookSecret:
    def test_it_changes_here_and_on_github_in_one_press(self, connected, owner, send):
        answer = owner.post(f"{PATH}webhook-secret/", follow=True)

        assert connected.webhook_secret != WEBHOOK_SECRET
        assert connected.webhook_secret not in text(answer)
        for secret in (connected.webhook_secret, WEBHOOK_SECRET):
            assert send("ping", {}, secret=secret).status_code == 200
        GitHubApp.objects.update(previous_secret_expires_at=timezone.now() - timedelta(seconds=1))
        assert send("ping", {}, secret=connected.webhook_secret).status_code == 200
        assert send("ping", {}).status_code == 401

    def test_a_github_that_does_not_answer_keeps_the_secret(self, connected, owner, send, settings):
        settings.GITHUB_API_URL = "http://127.0.0.1:1"

        answer = owner.post(f"{PATH}webhook-secret/", follow=True)

        assert "이전 시크릿" in text(answer)
        assert send("ping", {}).status_code == 200

    def test_a_github_that_changed_it_without_saying_so_is_accepted_for_good(self, connected, owner, send):
        connected.hook_status = 502
        owner.post(f"{PATH}webhook-secret/")
        connected.hook_status = 200
        lost = connected.webhook_secret
        assert send("ping", {}, secret=lost).status_code == 200

        # The next press sets the same one again.
        owner.post(f"{PATH}webhook-secret/")
        assert connected.webhook_secret == lost
        owner.post(f"{PATH}webhook-secret/")
        assert connected.webhook_secret != lost
        for secret in (connected.webhook_secret, lost):
            assert send("ping", {}, secret=secret).status_code == 200
        assert send("ping", {}).status_code == 401

    def test_an_app_without_a_webhook_has_none(self, connected, owner, api_as):
        GitHubApp.objects.update(secret="")

        assert "웹훅이 없어서" in text(owner.post(f"{PATH}webhook-secret/", follow=True))
        answer = api_as(OLGA, roles=["owner"]).post("/api/v1/study/github-app/webhook-secret")
        assert (answer.status_code, answer.json()["code"]) == (409, "no_webhook")

    def test_by_api(self, connected, api_as):
        answer = api_as(OLGA, roles=["owner"]).post("/api/v1/study/github-app/webhook-secret")

        assert answer.status_code == 204
        assert connected.webhook_secret != WEBHOOK_SECRET

    def test_a_key_of_a_repeat_undoes_nothing_that_github_has(self, connected, api_as, send):
        connected.hook_status = 502
        key = {"Idempotency-Key": "6f0d1a52-6a0c-4a55-8d0f-2b7b5f1f8a11"}

        answer = api_as(OLGA, roles=["owner"]).post("/api/v1/study/github-app/webhook-secret", headers=key)

        assert answer.status_code == 503
        assert connected.webhook_secret != WEBHOOK_SECRET
        assert send("ping", {}, secret=connected.webhook_secret).status_code == 200

    def test_only_by_owners(self, connected, as_principal):
        assert as_principal(ADA).post(f"{PATH}webhook-secret/").status_code == 404
        assert connected.webhook_secret == WEBHOOK_SECRET
