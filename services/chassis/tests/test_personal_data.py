"""Personal data is deleted when an account closes, and sent to users in the background until users has it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.personal_data import actions
from chassis.personal_data.client import put_section
from chassis.personal_data.models import Export
from chassis.personal_data.rules import LEASE, MAX_ATTEMPTS, export_backoff
from chassis.testing import NOW
from chassis.testing.peers import FakePeers
from tests import stand_in

REQUESTED, CLOSED = "users.export_requested.v1", "users.account_closed.v1"
ADA, EXPORT = uuid4(), uuid4()


def send(at=NOW):
    actions.send_export(export_id=EXPORT, at=at, put_section=put_section)


@pytest.fixture
def requested(db, deliver_event):
    deliver_event(REQUESTED, {"export_id": EXPORT, "account_id": ADA})


def test_a_closed_account_keeps_nothing_but_its_id(requested, deliver_event):
    acknowledged = deliver_event(CLOSED, {"account_id": ADA, "version": 4})

    assert len(acknowledged) == 1
    assert stand_in.deleted[-1] == ADA
    assert not Export.objects.exists()
    assert AccountMirror.objects.get().closed


def test_an_export_is_sent_once(requested, peers: FakePeers, deliver_event):
    assert peers.received == []  # not inside the handler's transaction

    send()
    send()
    deliver_event(REQUESTED, {"export_id": EXPORT, "account_id": ADA})
    send(NOW + timedelta(days=1))

    assert peers.received == [(f"/internal/exports/{EXPORT}/study", {"account_id": str(ADA)})]
    assert peers.token_requests[0]["audience"] == "users"
    assert Export.objects.get().sent_at == NOW


def test_a_claimed_export_is_not_sent_by_another_worker(requested):
    def killed(*_):
        send()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.send_export(export_id=EXPORT, at=NOW, put_section=killed)

    assert (Export.objects.get().attempts, Export.objects.get().next_attempt_at) == (1, NOW + LEASE)


@pytest.mark.parametrize("fault", ["answer", "token_answer"])
def test_an_export_that_users_did_not_accept_is_sent_again_later(requested, peers: FakePeers, fault):
    right, wrong = getattr(peers, fault), 503
    setattr(peers, fault, wrong)

    send()
    assert (Export.objects.get().next_attempt_at, peers.received) == (NOW + export_backoff(1), [])

    setattr(peers, fault, right)
    send()
    assert peers.received == []
    send(NOW + export_backoff(1))
    assert len(peers.received) == 1


def test_an_expired_export_is_finished(requested, peers: FakePeers):
    peers.answer = 404

    send()

    assert Export.objects.get().next_attempt_at is None


@pytest.mark.parametrize(
    "wrong", [{"token_answer": 404}, {"answer": 404, "code": ""}], ids=["no such token", "no such path"]
)
def test_a_wrong_users_url_does_not_finish_the_export(requested, peers: FakePeers, wrong):
    for name, value in wrong.items():
        setattr(peers, name, value)

    send()

    assert Export.objects.get().next_attempt_at == NOW + export_backoff(1)


def test_an_export_fails_after_the_last_attempt(requested, peers: FakePeers):
    peers.answer = 503
    at = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        send(at)
        at += export_backoff(attempt)

    export = Export.objects.get()
    assert (export.next_attempt_at, export.sent_at, export.attempts) == (None, None, MAX_ATTEMPTS)
    assert "503" in export.error
    assert at - NOW > timedelta(days=2)
