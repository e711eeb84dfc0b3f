"""Leaving, taking everything away, filling the mirrors anew: against peers that answer over HTTP."""

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
from notification.people.rules import TRIES, wait_after
from notification.people.users import put_export
from notification.preferences import actions as preferences
from notification.preferences.models import Preference
from tests.conftest import ADA, BORIS, COHORT, OLGA, Happens

EXPORT = UUID("00000000-0000-4000-8000-0000000e8047")


@dataclass
class Peers:
    """Users and study as far as we call them: what they list, what they were sent, what they answer to it."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked_for: list[dict[str, str]] = field(default_factory=list)
    answer: int = 204
    token_answer: int = 200


def handler(peers: Peers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def body(self) -> Any:
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def say(self, status: int, body: Any = None) -> None:
            sent = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def do_POST(self) -> None:
            peers.asked_for.append(self.body())
            self.say(peers.token_answer, {"access_token": "t", "expires_in": 600})

        def do_PUT(self) -> None:
            assert self.headers["Authorization"] == "Bearer t"
            body = self.body()
            if peers.answer == 204:
                peers.taken.append((self.path, body))
            self.say(peers.answer)

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer t"
            path, _, after = self.path.partition("?after=")
            name = path.removeprefix("/internal/")
            rows = peers.lists[name]
            start = int(after or 0)
            self.say(
                200, {name: rows[start : start + 2], "next": str(start + 2) if rows[start + 2 :] else None}
            )

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture
def peers(settings: Any) -> Iterator[Peers]:
    """Both peers, on one port of this test's own."""
    known = Peers()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(known))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.USERS_URL = settings.STUDY_URL = f"http://127.0.0.1:{server.server_port}"
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


# Leaving


def test_leaving_takes_the_person_out_of_everything(names: None, happens: Happens) -> None:
    happens("study.review_released.v1", recipients=[ADA])
    happens("study.membership_changed.v1", account_id=ADA)
    happens("users.export_requested.v1", account_id=ADA)
    preferences.choose(account_id=ADA, choices={("joined", "email"): True})

    acknowledged = happens("users.account_closed.v1", account_id=ADA, version=9)

    assert len(acknowledged) == 1
    mirror = AccountMirror.objects.get(account_id=ADA)
    assert (mirror.closed, mirror.name, mirror.email) == (True, "", "")
    for model in (Notification, Delivery, Preference, Export, MembershipMirror):
        assert not model.objects.exists()


def test_others_keep_what_they_were_told_without_the_name(names: None, happens: Happens) -> None:
    happens("study.member_joined.v1", account_id=ADA, cohort_id=COHORT, recipients=[OLGA])
    happens("study.member_invited.v1", invited_by="Ada", cohort_id=COHORT, recipients=[OLGA])

    happens("users.account_closed.v1", account_id=ADA, version=9)

    with translation.override("ko"):
        told = [note.words for note in inbox.inbox(OLGA).notes]
    assert any("탈퇴한 회원 님이 16기에 들어왔어요" in words.headline for words in told)
    assert not any("Ada" in words.headline + words.detail for words in told)
    assert not Notification.objects.filter(facts__icontains="Ada").exists()


def test_nothing_late_brings_a_closed_account_back(names: None, happens: Happens) -> None:
    happens("users.account_closed.v1", account_id=ADA, version=4)

    happens("users.account_changed.v1", account_id=ADA, name="Ada", version=3)
    happens("users.contact_changed.v1", account_id=ADA, email="ada@example.org", version=99)

    mirror = AccountMirror.objects.get(account_id=ADA)
    assert (mirror.name, mirror.email, mirror.closed) == ("", "", True)


def test_leaving_before_we_ever_heard_of_the_person_is_remembered(db: None, happens: Happens) -> None:
    happens("users.account_closed.v1", account_id=ADA, version=4)
    happens("users.account_changed.v1", account_id=ADA, version=3)

    assert AccountMirror.objects.get().name == ""


# Taking everything away


def test_everything_is_put_to_users_in_the_background(names: None, happens: Happens, peers: Peers) -> None:
    happens("study.review_released.v1", cohort_id=COHORT, recipients=[ADA, BORIS])
    happens("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    assert peers.taken == []  # not inside the handler's transaction

    actions.answer_export(export_id=EXPORT, at=NOW, put=put_export)

    ((path, body),) = peers.taken
    assert path == f"/internal/exports/{EXPORT}/notification"
    assert peers.asked_for[0]["audience"] == "users"
    assert body["account"]["email"] == "ada@example.org"
    assert [told["kind"] for told in body["notifications"]] == ["review_released"]
    assert {choice["kind"] for choice in body["preferences"]} >= {"joined"}
    assert [sent["channel"] for sent in body["deliveries"]] == ["email"]
    assert Export.objects.get().answered_at == NOW


def test_an_answered_export_is_not_put_again(names: None, happens: Happens, peers: Peers) -> None:
    happens("users.export_requested.v1", export_id=EXPORT, account_id=ADA)

    for _ in range(2):
        actions.answer_export(export_id=EXPORT, at=NOW, put=put_export)
    happens("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    actions.answer_export(export_id=EXPORT, at=NOW + timedelta(days=1), put=put_export)

    assert len(peers.taken) == 1


@pytest.mark.parametrize("fault", ["answer", "token_answer"])
def test_what_users_did_not_take_is_put_again_later(
    names: None, happens: Happens, peers: Peers, fault: str
) -> None:
    happens("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    right, wrong = getattr(peers, fault), 503
    setattr(peers, fault, wrong)

    actions.answer_export(export_id=EXPORT, at=NOW, put=put_export)
    assert (Export.objects.get().due_at, peers.taken) == (NOW + wait_after(1), [])

    setattr(peers, fault, right)
    actions.answer_export(export_id=EXPORT, at=NOW, put=put_export)
    assert peers.taken == []
    actions.answer_export(export_id=EXPORT, at=NOW + wait_after(1), put=put_export)
    assert len(peers.taken) == 1


def test_an_export_nobody_waits_for_is_done(names: None, happens: Happens, peers: Peers) -> None:
    peers.answer = 404
    happens("users.export_requested.v1", export_id=EXPORT, account_id=ADA)

    actions.answer_export(export_id=EXPORT, at=NOW, put=put_export)

    assert Export.objects.get().due_at is None


def test_a_wrong_address_of_users_is_no_answer(names: None, happens: Happens, peers: Peers) -> None:
    peers.token_answer = 404
    happens("users.export_requested.v1", export_id=EXPORT, account_id=ADA)

    actions.answer_export(export_id=EXPORT, at=NOW, put=put_export)

    assert Export.objects.get().due_at == NOW + wait_after(1)


def test_an_export_is_given_up_at_last(names: None, happens: Happens, peers: Peers) -> None:
    peers.answer = 503
    happens("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    at = NOW
    for attempt in range(1, TRIES + 1):
        actions.answer_export(export_id=EXPORT, at=at, put=put_export)
        at += wait_after(attempt)

    export = Export.objects.get()
    assert (export.due_at, export.answered_at, export.attempts) == (None, None, TRIES)
    assert "503" in export.error
    assert at - NOW > timedelta(days=2)


@pytest.mark.parametrize("many", [1, 20])
def test_a_copy_of_everything_costs_four_statements(
    names: None, happens: Happens, many: int, django_assert_num_queries: Any
) -> None:
    from notification.people.queries import everything

    for version in range(1, many + 1):
        happens("study.review_released.v1", version=version, recipients=[ADA])

    with django_assert_num_queries(4):
        found = everything(ADA)

    assert len(found["notifications"]) == len(found["deliveries"]) == many


# Filling the mirrors anew


def account(account_id: UUID, **changes: Any) -> dict[str, Any]:
    """A row of users' list."""
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
def listed(peers: Peers) -> Peers:
    """Three accounts, one of them closed; a cohort; a membership."""
    peers.lists = {
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
    return peers


def picture() -> tuple[list[Any], ...]:
    return tuple(
        list(model.objects.order_by("pk").values())
        for model in (AccountMirror, CohortMirror, MembershipMirror)
    )


def test_the_mirrors_are_filled_from_nothing_page_by_page(db: None, listed: Peers) -> None:
    out = StringIO()

    call_command("rebuild_mirrors", stdout=out)

    assert out.getvalue().split() == ["accounts:", "3", "cohorts:", "1", "memberships:", "1"]
    ada = AccountMirror.objects.get(account_id=ADA)
    assert (ada.name, ada.email) == ("Ada", "ada@example.org")
    assert AccountMirror.objects.get(account_id=OLGA).closed
    assert CohortMirror.objects.get().title == "16기"


def test_filling_twice_is_the_same_as_once(db: None, listed: Peers) -> None:
    call_command("rebuild_mirrors", stdout=StringIO())
    before = picture()

    call_command("rebuild_mirrors", stdout=StringIO())

    assert picture() == before


def test_what_was_heard_since_is_not_overwritten(db: None, listed: Peers, happens: Happens) -> None:
    happens("users.account_changed.v1", account_id=ADA, name="Ada L.", version=3)

    call_command("rebuild_mirrors", stdout=StringIO())

    assert AccountMirror.objects.get(account_id=ADA).name == "Ada L."


def test_a_peer_that_is_away_is_named(db: None, settings: Any) -> None:
    settings.USERS_URL = "http://127.0.0.1:1"

    with pytest.raises(CommandError, match="accounts: stopped after 0"):
        call_command("rebuild_mirrors", stdout=StringIO())
