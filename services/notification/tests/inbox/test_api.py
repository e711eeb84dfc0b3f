"""REST API of the inbox and the preferences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import NOW
from notification.inbox import actions
from notification.inbox.models import Notification
from tests.conftest import ADA, COHORT

Api = Callable[..., Any]
ROOT = "/api/v1/notification"


@pytest.fixture
def notification_ids(mirror_rows: None) -> list[UUID]:
    """Ids of thirty announcements to Ada, newest first."""
    ids = []
    for n in range(30):
        rows = actions.create_notifications(
            kind="announcement",
            key=f"a:{n}",
            recipients=[ADA],
            url=f"/announcements/{n}/",
            context={"title": f"제목 {n}", "excerpt": "요약"},
            occurred_at=NOW - timedelta(minutes=n),
            cohort_id=COHORT,
        )
        ids.append(rows[0].id)
    return ids


def test_the_inbox_comes_in_pages_of_two_statements_each(
    notification_ids: list[UUID], api_as: Api, django_assert_num_queries: Any
) -> None:
    ada = api_as(ADA)
    listed: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        with django_assert_num_queries(2):
            page = ada.get(f"{ROOT}/inbox", {"size": 12, **({"cursor": cursor} if cursor else {})}).json()
        listed += [row["id"] for row in page["results"]]
        cursor = page["next"]

    assert listed == [str(notification_id) for notification_id in notification_ids]


def test_a_row_says_what_happened_where_and_when(notification_ids: list[UUID], api_as: Api) -> None:
    row = api_as(ADA).get(f"{ROOT}/inbox").json()["results"][0]

    assert row == {
        "id": str(notification_ids[0]),
        "kind": "announcement",
        "headline": "제목 0",
        "detail": "요약",
        "cohort_id": str(COHORT),
        "cohort": "16기",
        "url": "/announcements/0/",
        "occurred_at": "2026-11-24T18:00:00+09:00",
        "read_at": None,
    }


def test_words_come_in_the_language_that_is_asked_for(mirror_rows: None, api_as: Api) -> None:
    actions.create_notifications(
        kind="review_released",
        key="r",
        recipients=[ADA],
        url="/",
        context={"mission": "django-vote", "points": 1, "max_points": 2},
        occurred_at=NOW,
    )

    row = api_as(ADA).get(f"{ROOT}/inbox", headers={"Accept-Language": "en"}).json()["results"][0]

    assert row["headline"] == "Your marks for django-vote are out: 1 / 2"


def test_marking_one_changes_the_count_and_the_unread_list(notification_ids: list[UUID], api_as: Api) -> None:
    ada = api_as(ADA)

    assert ada.put(f"{ROOT}/inbox/{notification_ids[0]}/read").status_code == 204
    assert ada.put(f"{ROOT}/inbox/{notification_ids[0]}/read").status_code == 204
    assert ada.get(f"{ROOT}/inbox/unread").json() == {"unread": 29}
    assert str(notification_ids[0]) not in ada.get(f"{ROOT}/inbox", {"show": "unread"}).content.decode()

    assert ada.delete(f"{ROOT}/inbox/{notification_ids[0]}/read").status_code == 204
    assert ada.get(f"{ROOT}/inbox/unread").json() == {"unread": 30}


def test_marking_all_says_how_many_there_were(notification_ids: list[UUID], api_as: Api) -> None:
    assert api_as(ADA).put(f"{ROOT}/inbox/read").json() == {"marked": 30}
    assert not Notification.objects.unread().exists()


def test_an_unknown_notification_is_not_found(notification_ids: list[UUID], api_as: Api) -> None:
    answer = api_as(ADA).put(f"{ROOT}/inbox/{uuid4()}/read")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        {"show": "nonsense"},
        {"size": "0"},
        {"size": "many"},
        {"size": 101},
        {"cursor": "nonsense"},
        {"cursor": "\0"},
    ],
)
def test_an_invalid_query_is_refused(db: None, api_as: Api, query: dict[str, Any]) -> None:
    answer = api_as(ADA).get(f"{ROOT}/inbox", query)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_the_count_is_one_statement(
    notification_ids: list[UUID], api_as: Api, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        api_as(ADA).get(f"{ROOT}/inbox/unread")


def test_preferences_are_read_and_changed(db: None, api_as: Api, django_assert_num_queries: Any) -> None:
    ada = api_as(ADA)
    with django_assert_num_queries(1):
        before = {choice_of(row): row["on"] for row in ada.get(f"{ROOT}/preferences").json()["results"]}

    changes = [{"kind": "joined", "channel": "email", "on": True}]
    after = ada.patch(f"{ROOT}/preferences", {"choices": changes}).json()["results"]

    assert {choice_of(row): row["on"] for row in after} == {**before, ("joined", "email"): True}


def choice_of(row: dict[str, Any]) -> tuple[str, str]:
    return row["kind"], row["channel"]


@pytest.mark.parametrize(
    "body",
    [{}, {"choices": [{"kind": "x", "channel": "email", "on": True}]}, {"choices": "all"}, [], "text", None],
)
def test_a_wrong_change_of_preferences_is_refused(db: None, api_as: Api, body: Any) -> None:
    assert api_as(ADA).patch(f"{ROOT}/preferences", body, format="json").status_code == 400


def test_changing_nothing_is_fine(db: None, api_as: Api) -> None:
    assert api_as(ADA).patch(f"{ROOT}/preferences", {"choices": []}).status_code == 200
