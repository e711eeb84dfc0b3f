"""Preferences: the page, and the unsubscribe link in every email."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from notification.inbox.rules import KINDS
from notification.preferences import actions, queries
from notification.preferences.models import Preference
from notification.preferences.rules import parse_unsubscribe_token, unsubscribe_token
from tests.conftest import ADA, BORIS, ReceiveExample

Browser = Callable[..., Any]


# Unless somebody chooses otherwise.
MAILED = {
    *("invited", "announcement", "mission_opened", "deadline_moved", "deadline_reminder", "review_digest"),
    *("changes_requested", "review_released", "thread_answered", "extension_decided", "join_request_decided"),
}


def emailed_kinds(account_id: Any) -> set[str]:
    """Return the kinds that this account receives by email."""
    return {choice.kind for choice in queries.choices(account_id) if choice.on}


def test_who_never_chose_gets_what_the_catalogue_says(db: None) -> None:
    assert emailed_kinds(ADA) == MAILED


def test_the_page_shows_every_kind_and_what_holds(
    db: None, as_principal: Browser, django_assert_num_queries: Any
) -> None:
    ada = as_principal(ADA)

    with django_assert_num_queries(2):
        page = ada.get("/notifications/preferences/").content.decode()

    for kind in KINDS:
        assert f'name="{kind}.email"' in page
    assert page.count("끌 수 없음") == len(KINDS)


def test_what_is_ticked_is_mailed_and_nothing_else(db: None, as_principal: Browser) -> None:
    answer = as_principal(ADA).post("/notifications/preferences/", {"joined.email": "on", "save": "1"})

    assert answer.status_code == 302
    assert emailed_kinds(ADA) == {"joined"}
    assert emailed_kinds(BORIS) == MAILED


def test_everything_can_be_turned_off(db: None, as_principal: Browser) -> None:
    as_principal(ADA).post("/notifications/preferences/", {"save": "1"})

    assert emailed_kinds(ADA) == set()


def test_choosing_twice_keeps_one_row_and_the_later_choice(db: None) -> None:
    actions.update_preferences(account_id=ADA, choices={("joined", "email"): True})
    actions.update_preferences(account_id=ADA, choices={("joined", "email"): False})

    assert list(Preference.objects.values_list("kind", "on")) == [("joined", False)]


@pytest.mark.parametrize("choice", [("nonsense", "email"), ("joined", "pigeon")])
def test_what_does_not_exist_cannot_be_chosen(db: None, choice: tuple[str, str]) -> None:
    with pytest.raises(actions.NoSuchChoice):
        actions.update_preferences(account_id=ADA, choices={choice: True})

    assert not Preference.objects.exists()


def link(kind: str = "announcement") -> str:
    """Return Ada's unsubscribe link for that kind."""
    return f"/notifications/unsubscribe/{unsubscribe_token(ADA, kind)}/"


def test_looking_at_the_link_stops_nothing(db: None) -> None:
    answer = Client().get(link())

    assert answer.status_code == 200
    assert "공지" in answer.content.decode()
    assert not Preference.objects.exists()


def test_one_click_stops_mail_of_that_kind_without_signing_in(mirror_rows: None) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(link(), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert emailed_kinds(ADA) == MAILED - {"announcement"}
    assert "announcement" in emailed_kinds(BORIS)


def test_stopping_can_be_undone_on_the_spot(mirror_rows: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.post(link())

    answer = browser.post(link(), {"undo": "1"})

    assert "다시 보내 드려요" in answer.content.decode()
    assert "announcement" in emailed_kinds(ADA)


@pytest.mark.parametrize("token", ["nonsense", "00.announcement~x", unsubscribe_token.__name__])
def test_a_link_that_we_did_not_write_is_not_there(db: None, token: str) -> None:
    assert Client().post(f"/notifications/unsubscribe/{token}/").status_code == 404
    assert not Preference.objects.exists()


def test_a_link_cannot_be_turned_into_someone_elses(db: None) -> None:
    mine = unsubscribe_token(ADA, "announcement")
    theirs = mine.replace(ADA.hex, BORIS.hex)

    assert parse_unsubscribe_token(mine) == (ADA, "announcement")
    assert parse_unsubscribe_token(theirs) is None


def test_the_link_of_a_closed_account_is_not_there(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("users.account_closed.v1", account_id=ADA, version=9)

    assert Client().post(link()).status_code == 404
    assert not Preference.objects.exists()


def test_a_key_that_was_replaced_still_opens_old_mail(db: None, settings: Any) -> None:
    old = link()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-for-tests-alone-0123456789abcde"

    assert Client().get(old).status_code == 200
