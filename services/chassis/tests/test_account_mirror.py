"""The account mirror applies events by version, in any order of arrival, and is rebuilt from users' list."""

from __future__ import annotations

import itertools
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.queries import is_closed
from chassis.account_mirror.rules import display_name
from chassis.testing.peers import FakePeers

CHANGED, CLOSED = "users.account_changed.v1", "users.account_closed.v1"
ADA, BORIS, OLGA = uuid4(), uuid4(), uuid4()


def account(account_id, **changes):
    return {
        "account_id": str(account_id),
        "name": "Ada",
        "github_id": None,
        "github_login": "",
        "language": "ko",
        "time_zone": "Asia/Seoul",
        "version": 2,
        **changes,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_every_order_the_newest_name_wins(deliver_event, order):
    changes = [
        account(ADA, name="옛 이름", version=1),
        account(ADA, name="이름", version=2),
        account(ADA, name="새 이름", version=3, github_id=7, github_login="New-Login", language="en"),
    ]
    for index in order:
        deliver_event(CHANGED, changes[index])

    mirror = AccountMirror.objects.get()
    assert (mirror.name, mirror.github_id, mirror.github_login) == ("새 이름", 7, "new-login")
    assert (mirror.language, mirror.version) == ("en", 3)


@pytest.mark.django_db
def test_late_events_do_not_reopen_a_closed_account(deliver_event):
    deliver_event(CHANGED, account(ADA, github_id=101, language="en", version=3))

    deliver_event(CLOSED, {"account_id": ADA, "version": 5})
    deliver_event(CHANGED, account(ADA, github_id=101, version=4))
    deliver_event(CHANGED, account(ADA, github_id=101, version=6))

    mirror = AccountMirror.objects.get()
    assert (mirror.name, mirror.github_id, mirror.language, mirror.closed) == ("", None, "ko", True)
    assert is_closed(ADA)


@pytest.mark.django_db
def test_account_closed_may_arrive_first(deliver_event):
    deliver_event(CLOSED, {"account_id": ADA, "version": 2})
    deliver_event(CHANGED, account(ADA, name="Late", version=1))

    assert AccountMirror.objects.get().name == ""


def test_accounts_without_a_name_have_a_display_name():
    with translation.override("ko"):
        assert display_name(None) == "새 멤버"
        assert display_name("") == "탈퇴한 회원"
    assert display_name("Ada") == "Ada"


# Rebuilding


@pytest.fixture
def listed(peers: FakePeers) -> FakePeers:
    """Three accounts, one of them closed."""
    peers.lists = {
        "accounts": [
            account(ADA, closed=False),
            account(BORIS, name="Boris", closed=False),
            account(OLGA, closed=True, version=7),
        ]
    }
    return peers


@pytest.mark.django_db
def test_the_mirror_is_rebuilt_from_nothing_page_by_page(listed):
    out = StringIO()
    for _ in range(2):
        call_command("rebuild_mirrors", stdout=out)

        assert AccountMirror.objects.names([ADA, BORIS, OLGA]) == {ADA: "Ada", BORIS: "Boris", OLGA: ""}
        assert AccountMirror.objects.closed_among([ADA, OLGA]) == {OLGA}
    assert out.getvalue().split() == ["accounts:", "3"] * 2


@pytest.mark.django_db
def test_newer_rows_are_not_overwritten(listed, deliver_event):
    deliver_event(CHANGED, account(ADA, name="Ada L.", version=3))

    call_command("rebuild_mirrors", stdout=StringIO())

    assert AccountMirror.objects.get(account_id=ADA).name == "Ada L."


@pytest.mark.django_db
def test_an_unavailable_service_is_named(settings):
    settings.USERS_URL = "http://127.0.0.1:1"

    with pytest.raises(CommandError, match="accounts: stopped after 0"):
        call_command("rebuild_mirrors", stdout=StringIO())
