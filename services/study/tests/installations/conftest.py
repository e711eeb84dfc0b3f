"""The owner, and GitHub before and after it is connected."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from joserfc.jwk import RSAKey

from chassis.testing.github import (
    PERSONAL_TOKEN,
    WEBHOOK_SECRET,
    GitHubServer,
    repository,
    signed_delivery,
)
from chassis.testing.serving import serving
from study.installations import client as clients
from study.installations.tasks import send_check_runs, sync_installations
from tests.github.payloads import REPOSITORY, make_mission, pull_request

# One key for all tests: generating one takes long.
KEY = RSAKey.generate_key(2048, private=True)
PEM = KEY.as_pem(private=True).decode()


@pytest.fixture
def github_server(settings: Any) -> Iterator[GitHubServer]:
    """A GitHub on this machine; the settings point at it."""
    github = GitHubServer(key=KEY)
    settings.GITHUB_TOKEN = PERSONAL_TOKEN
    clients._tokens.clear()
    with serving(github.respond) as settings.GITHUB_API_URL:
        github.url = settings.GITHUB_API_URL
        yield github
    clients._tokens.clear()


@pytest.fixture
def owner(as_principal: Any) -> Client:
    """A browser of an owner who is in no cohort."""
    browser: Client = as_principal(uuid.UUID(int=7), roles=["owner"])
    return browser


@pytest.fixture
def connected(github_server: GitHubServer, owner: Client, db: None) -> GitHubServer:
    """GitHub, once the owner has pressed "Connect GitHub"."""
    state = re.search(r"state=([^\"&]+)", owner.get("/cohorts/github/").content.decode())
    assert state
    owner.get("/cohorts/github/created/", {"code": "a-code", "state": state[1]})
    return github_server


@pytest.fixture
def send() -> Callable[..., Any]:
    """send(event, payload, delivery=…, secret=…) → the answer to a delivery of the App's webhook."""

    def deliver(event: str, payload: Any, *, delivery: str = "", secret: str = WEBHOOK_SECRET) -> Any:
        body, headers = signed_delivery(event, payload, secret=secret, delivery=delivery)
        browser = Client(enforce_csrf_checks=True)
        return browser.post("/hooks/github/app", body, content_type="application/json", headers=headers)

    return deliver


@pytest.fixture
def mission(club):
    return make_mission(club)


@pytest.fixture
def installed(connected, mission):
    """The App is installed where the mission's repository is."""
    connected.install(77, REPOSITORY.partition("/")[0], repository(501, REPOSITORY))
    sync_installations()
    return connected


@pytest.fixture
def submitted(installed, send):
    """Ada's pull request, and its check run."""
    send("pull_request", pull_request())
    send_check_runs()
    return installed
