"""Account deletion, personal-data export and rebuilding the mirrors, against fake services over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from chassis.testing import NOW
from notification.delivery.models import Delivery
from notification.inbox import queries as inbox
from notification.inbox.models import Notification
from notification.mirrors.models import AccountMirror, CohortMirror, MembershipMirror
from notification.people import actions
from notification.people.models import Export
from notification.people.rules import MAX_ATTEMPTS, backoff
from notification.people.users import put_export
from notification.preferences import actions as preferences
from notification.preferences.models import Preference
from tests.conftest import ADA, BORIS, COHORT, OLGA, ReceiveExample

EXPORT = UUID("00000000-0000-4000-8000-0000000e8047")


@dataclass
class FakeServices:
    """Internal APIs of users and study: their lists, what they received, their status codes."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    token_requests: list[dict[str, str]] = field(default_factory=list)
    answer: int = 204
    token_answer: int = 200


def handler(services: FakeServices) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def body(self) -> Any:
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def respond(self, status: int, body: Any = None) -> None:
            sent = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def do_POST(self) -> None:
            services.token_requests.append(self.body())
            self.respond(services.token_answer, {"access_token": "t", "expires_in": 600})

        def do_PUT(self) -> None:
            assert self.headers["Authorization"] == "Bearer t"
            body = self.body()
            if services.answer == 204:
                services.received.append((self.path, body))
            self.respond(services.answer)

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer t"
            path, _, after = self.path.partition("?after=")
            name = path.removeprefix("/internal/")
            rows = services.lists[name]
            start = int(after or 0)
            self.respond(
                200, {name: rows[start : start + 2], "next": str(start + 2) if rows[start + 2 :] else None}
            )

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture
def services(settings: Any) -> Iterator[FakeServices]:
    """Start both services on one port and point the settings at it."""
    fake = FakeServices()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(fake))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.USERS_URL = settings.STUDY_URL = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


# Account deletion


def test_account_deletion_deletes_all_personal_data(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_released.v1", recipients=[ADA])
    receive_example("study.membership_changed.v1", account_id=ADA)
    receive_example("users.export_requested.v1", account_id=ADA)
    preferences.update_preferences(account_id=ADA, choices={("joined", "email"): True})

    acknowledged = receive_example("users.account_closed.v1", account_id=ADA, version=9)

    assert len(acknowledged) == 1
    mirror = AccountMirror.objects.get(account_id=ADA)
    assert (mirror.closed, mirror.name, mirror.email) == (True, "", "")
    for model in (Notification, Delivery, Preference, Export, MembershipMirror):
        assert not model.objects.exists()


def test_other_accounts_keep_their_notifications_without_the_name(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.member_joined.v1", account_id=ADA, cohort_id=COHORT, recipients=[OLGA])
    receive_example("study.member_invited.v1", invited_by="Ada", cohort_id=COHORT, recipients=[OLGA])

    receive_example("users.account_closed.v1", account_id=ADA, version=9)

    with translation.override("ko"):
        rendered_items = [item.rendered for item in inbox.inbox(OLGA).items]
    assert any("탈퇴한 회원 님이 16기에 들어왔어요" in rendered.headline for rendered in rendered_items)
    assert not any("Ada" in rendered.headline + rendered.detail for rendered in rendered_items)
    assert not Notification.objects.filter(context__icontains="Ada").exists()


def test_late_events_do_not_reopen_a_closed_account(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("users.account_closed.v1", account_id=ADA, version=4)

    receive_example("users.account_changed.v1", account_id=ADA, name="Ada", version=3)
    receive_example("users.contact_changed.v1", account_id=ADA, email="ada@example.org", version=99)

    mirror = AccountMirror.objects.get(account_id=ADA)
    assert (mirror.name, mirror.email, mirror.closed) == ("", "", True)


def test_deletion_of_an_unknown_account_is_remembered(db: None, receive_example: ReceiveExample) -> None:
    receive_example("users.account_closed.v1", account_id=ADA, version=4)
    receive_example("users.account_changed.v1", account_id=ADA, version=3)

    assert AccountMirror.objects.get().name == ""


# Personal-data export


def test_an_export_is_sent_to_users_in_the_background(
    mirror_rows: None, receive_example: ReceiveExample, services: FakeServices
) -> None:
    receive_example("study.review_released.v1", cohort_id=COHORT, recipients=[ADA, BORIS])
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    assert services.received == []  # not inside the handler's transaction

    actions.send_export(export_id=EXPORT, at=NOW, put=put_export)

    ((path, body),) = services.received
    assert path == f"/internal/exports/{EXPORT}/notification"
    assert services.token_requests[0]["audience"] == "users"
    assert body["account"]["email"] == "ada@example.org"
    assert [notification["kind"] for notification in body["notifications"]] == ["review_released"]
    assert {choice["kind"] for choice in body["preferences"]} >= {"joined"}
    assert [sent["channel"] for sent in body["deliveries"]] == ["email"]
    assert Export.objects.get().sent_at == NOW


def test_a_sent_export_is_not_sent_again(
    mirror_rows: None, receive_example: ReceiveExample, services: FakeServices
) -> None:
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)

    for _ in range(2):
        actions.send_export(export_id=EXPORT, at=NOW, put=put_export)
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    actions.send_export(export_id=EXPORT, at=NOW + timedelta(days=1), put=put_export)

    assert len(services.received) == 1


@pytest.mark.parametrize("fault", ["answer", "token_answer"])
def test_an_export_that_users_did_not_accept_is_sent_again_later(
    mirror_rows: None, receive_example: ReceiveExample, services: FakeServices, fault: str
) -> None:
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    right, wrong = getattr(services, fault), 503
    setattr(services, fault, wrong)

    actions.send_export(export_id=EXPORT, at=NOW, put=put_export)
    assert (Export.objects.get().due_at, services.received) == (NOW + backoff(1), [])

    setattr(services, fault, right)
    actions.send_export(export_id=EXPORT, at=NOW, put=put_export)
    assert services.received == []
    actions.send_export(export_id=EXPORT, at=NOW + backoff(1), put=put_export)
    assert len(services.received) == 1


def test_an_expired_export_is_finished(
    mirror_rows: None, receive_example: ReceiveExample, services: FakeServices
) -> None:
    services.answer = 404
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)

    actions.send_export(export_id=EXPORT, at=NOW, put=put_export)

    assert Export.objects.get().due_at is None


def test_a_wrong_users_url_does_not_finish_the_export(
    mirror_rows: None, receive_example: ReceiveExample, services: FakeServices
) -> None:
    services.token_answer = 404
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)

    actions.send_export(export_id=EXPORT, at=NOW, put=put_export)

    assert Export.objects.get().due_at == NOW + backoff(1)


def test_an_export_fails_after_the_last_attempt(
    mirror_rows: None, receive_example: ReceiveExample, services: FakeServices
) -> None:
    services.answer = 503
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    at = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        actions.send_export(export_id=EXPORT, at=at, put=put_export)
        at += backoff(attempt)

    export = Export.objects.get()
    assert (export.due_at, export.sent_at, export.attempts) == (None, None, MAX_ATTEMPTS)
    assert "503" in export.error
    assert at - NOW > timedelta(days=2)


@pytest.mark.parametrize("many", [1, 20])
def test_an_export_takes_four_queries(
    mirror_rows: None, receive_example: ReceiveExample, many: int, django_assert_num_queries: Any
) -> None:
    from notification.people.queries import export_data

    for version in range(1, many + 1):
        receive_example("study.review_released.v1", version=version, recipients=[ADA])

    with django_assert_num_queries(4):
        data = export_data(ADA)

    assert len(data["notifications"]) == len(data["deliveries"]) == many


# Rebuilding the mirrors


def account(account_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return a row of users' account list."""
    return {
        "account_id": str(account_id),
        "name": "Ada",
        "github_id": None,
        "github_login": "",
        "language": "ko",
        "time_zone": "Asia/Seoul",
        "version": 2,
        "closed": False,
        "email": "ada@example.org",
        **changes,
    }


@pytest.fixture
def listed_services(services: FakeServices) -> FakeServices:
    """Three accounts, one of them closed; a cohort; a membership."""
    services.lists = {
        "accounts": [
            account(ADA),
            account(BORIS, name="Boris", email=None),
            account(OLGA, closed=True, version=7),
        ],
        "cohorts": [{"cohort_id": str(COHORT), "title": "16기", "version": 1}],
        "memberships": [
            {
                "membership_id": str(UUID(int=1)),
                "cohort_id": str(COHORT),
                "account_id": str(ADA),
                "role": "member",
                "left": False,
                "version": 1,
            }
        ],
    }
    return services


def snapshot() -> tuple[list[Any], ...]:
    return tuple(
        list(model.objects.order_by("pk").values())
        for model in (AccountMirror, CohortMirror, MembershipMirror)
    )


def test_mirrors_are_rebuilt_from_nothing_page_by_page(db: None, listed_services: FakeServices) -> None:
    out = StringIO()

    call_command("rebuild_mirrors", stdout=out)

    assert out.getvalue().split() == ["accounts:", "3", "cohorts:", "1", "memberships:", "1"]
    ada = AccountMirror.objects.get(account_id=ADA)
    assert (ada.name, ada.email) == ("Ada", "ada@example.org")
    assert AccountMirror.objects.get(account_id=OLGA).closed
    assert CohortMirror.objects.get().title == "16기"


def test_rebuilding_is_idempotent(db: None, listed_services: FakeServices) -> None:
    call_command("rebuild_mirrors", stdout=StringIO())
    before = snapshot()

    call_command("rebuild_mirrors", stdout=StringIO())

    assert snapshot() == before


def test_newer_rows_are_not_overwritten(
    db: None, listed_services: FakeServices, receive_example: ReceiveExample
) -> None:
    receive_example("users.account_changed.v1", account_id=ADA, name="Ada L.", version=3)

    call_command("rebuild_mirrors", stdout=StringIO())

    assert AccountMirror.objects.get(account_id=ADA).name == "Ada L."


def test_an_unavailable_service_is_named(db: None, settings: Any) -> None:
    settings.USERS_URL = "http://127.0.0.1:1"

    with pytest.raises(CommandError, match="accounts: stopped after 0"):
        call_command("rebuild_mirrors", stdout=StringIO())
