"""The inbox pages, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import NOW
from notification.inbox import actions
from notification.inbox.models import Notification
from tests.conftest import ADA, BORIS, COHORT, ReceiveExample

Browser = Callable[..., Any]


@pytest.fixture
def notifications(mirror_rows: None) -> list[Notification]:
    """Three notifications of Ada: an announcement, then marks, then requested changes."""
    rows = []
    examples: list[tuple[int, str, dict[str, Any]]] = [
        (3, "announcement", {"title": "OT 안내", "excerpt": "토요일에 봐요", "cohort": "16기"}),
        (2, "review_released", {"mission": "django-vote", "points": 17, "max_points": 20}),
        (1, "changes_requested", {"mission": "react-todo", "by": "boris-reviews"}),
    ]
    for minutes, kind, context in examples:
        rows += actions.create_notifications(
            kind=kind,
            key=f"{kind}:1",
            recipients=[ADA],
            url=f"/somewhere/{kind}/",
            context=context,
            occurred_at=NOW - timedelta(minutes=minutes),
            cohort_id=COHORT,
        )
    return rows


def is_read(row: Notification) -> bool:
    row.refresh_from_db()
    return row.read_at is not None


def test_the_newest_stands_first_and_unread_ones_are_marked(
    notifications: Any, as_principal: Browser
) -> None:
    page = as_principal(ADA).get("/notifications/").content.decode()

    found = [page.index(text) for text in ("react-todo", "django-vote", "OT 안내")]
    assert found == sorted(found)
    assert page.count('class="notification unread"') == 3
    assert "16기" in page


def test_filters_are_links_that_show_less(notifications: list[Notification], as_principal: Browser) -> None:
    actions.mark_read(account_id=ADA, ids=[notifications[0].id], at=NOW)
    ada = as_principal(ADA)

    unread = ada.get("/notifications/?show=unread").content.decode()
    announcements = ada.get("/notifications/?show=announcements").content.decode()

    assert "django-vote" in unread
    assert "OT 안내" not in unread
    assert "OT 안내" in announcements
    assert "django-vote" not in announcements


def test_an_unknown_filter_shows_everything(notifications: Any, as_principal: Browser) -> None:
    assert "OT 안내" in as_principal(ADA).get("/notifications/?show=nonsense").content.decode()


def test_nobody_sees_notifications_of_others(notifications: Any, as_principal: Browser) -> None:
    page = as_principal(BORIS).get("/notifications/").content.decode()

    assert "django-vote" not in page
    assert "아직 알림이 없어요" in page


def test_opening_marks_it_read_and_leads_there(
    notifications: list[Notification], as_principal: Browser
) -> None:
    answer = as_principal(ADA).post(f"/notifications/{notifications[1].id}/open/")

    assert (answer.status_code, answer["Location"]) == (302, "/somewhere/review_released/")
    assert is_read(notifications[1])
    assert not is_read(notifications[0])


def test_opening_by_get_marks_nothing_as_read(
    notifications: list[Notification], as_principal: Browser
) -> None:
    answer = as_principal(ADA).get(f"/notifications/{notifications[1].id}/open/")

    assert answer["Location"] == "/somewhere/review_released/"
    assert not is_read(notifications[1])


def test_opening_never_leads_away_from_here(notifications: list[Notification], as_principal: Browser) -> None:
    Notification.objects.filter(id=notifications[0].id).update(url="//elsewhere.example/")

    answer = as_principal(ADA).post(f"/notifications/{notifications[0].id}/open/")

    assert answer["Location"] == "/notifications/"


@pytest.mark.parametrize("verb", ["get", "post"])
def test_someone_elses_notification_is_not_there(
    notifications: list[Notification], as_principal: Browser, verb: str
) -> None:
    answer = getattr(as_principal(BORIS), verb)(f"/notifications/{notifications[0].id}/open/")

    assert answer.status_code == 404
    assert not is_read(notifications[0])


def test_ticked_ones_are_marked_and_the_marking_can_be_undone(
    notifications: list[Notification], as_principal: Browser
) -> None:
    ada = as_principal(ADA)

    answer = ada.post(
        "/notifications/marks/",
        {"do": "read", "n": [notifications[0].id, notifications[1].id], "show": "unread"},
    )
    assert [is_read(row) for row in notifications] == [True, True, False]

    page = ada.get(answer["Location"]).content.decode()
    at = re.search(r'name="at" value="([^"]+)"', page)
    assert at
    ada.post("/notifications/take-back/", {"at": at[1].replace("&#x27;", "'")})
    assert [is_read(row) for row in notifications] == [False, False, False]


def test_ticked_ones_can_be_marked_unread(notifications: list[Notification], as_principal: Browser) -> None:
    actions.mark_read(account_id=ADA, at=NOW)

    as_principal(ADA).post("/notifications/marks/", {"do": "unread", "n": [notifications[2].id]})

    assert [is_read(row) for row in notifications] == [True, True, False]


@pytest.mark.parametrize("ticked", [[], ["nonsense"]])
def test_marking_nothing_says_so(
    notifications: list[Notification], as_principal: Browser, ticked: list[str]
) -> None:
    ada = as_principal(ADA)

    page = ada.post("/notifications/marks/", {"do": "read", "n": ticked}, follow=True).content.decode()

    assert "먼저 알림을 골라 주세요" in page
    assert not any(is_read(row) for row in notifications)


def test_everything_can_be_marked_read_and_taken_back(
    notifications: list[Notification], as_principal: Browser
) -> None:
    ada = as_principal(ADA)
    earlier = notifications[0]
    actions.mark_read(account_id=ADA, ids=[earlier.id], at=NOW)

    answer = ada.post("/notifications/read-all/")
    assert all(is_read(row) for row in notifications)
    page = ada.get(answer["Location"])
    ada.post("/notifications/take-back/", {"at": page.context["marked"].isoformat()})

    assert [is_read(row) for row in notifications] == [True, False, False]


@pytest.mark.parametrize("at", ["", "yesterday", "2026-13-45T00:00:00Z", "2026-11-24T09:00:00"])
def test_taking_back_nonsense_changes_nothing(notifications: Any, as_principal: Browser, at: str) -> None:
    assert as_principal(ADA).post("/notifications/take-back/", {"at": at}).status_code == 302
    assert as_principal(ADA).get("/notifications/", {"marked": at}).status_code == 200


def test_ids_of_others_do_nothing(notifications: list[Notification], as_principal: Browser) -> None:
    as_principal(BORIS).post("/notifications/marks/", {"do": "read", "n": [notifications[0].id]})

    assert not is_read(notifications[0])


def test_without_a_token_a_post_is_redirected_to_renew_it(notifications: Any, as_principal: Browser) -> None:
    answer = as_principal(None).post("/notifications/read-all/")

    assert answer.status_code == 307
    assert answer["Location"] == "/accounts/renew?next=/notifications/read-all/"


@pytest.mark.parametrize("many", [3, 60])
def test_the_inbox_is_three_statements_whatever_its_size(
    mirror_rows: None, as_principal: Browser, many: int, django_assert_num_queries: Any
) -> None:
    for n in range(many):
        actions.create_notifications(
            kind="joined",
            key=f"joined:{n}",
            recipients=[ADA],
            url="/",
            context={"role": "member"},
            occurred_at=NOW - timedelta(minutes=n),
            cohort_id=COHORT,
            about_id=BORIS,
        )
    ada = as_principal(ADA)

    with django_assert_num_queries(3):
        page = ada.get("/notifications/")
    assert page.content.decode().count("Boris 님이 16기에 참여했어요") >= min(many, 25)


def test_older_ones_are_on_the_next_page(mirror_rows: None, as_principal: Browser) -> None:
    for n in range(30):
        actions.create_notifications(
            kind="announcement",
            key=f"a:{n}",
            recipients=[ADA],
            url="/",
            context={"title": f"제목 {n:02}"},
            occurred_at=NOW - timedelta(minutes=n),
        )
    ada = as_principal(ADA)

    first = ada.get("/notifications/")
    second = ada.get("/notifications/", {"cursor": first.context["page"].next}).content.decode()

    assert "제목 24" in first.content.decode()
    assert "제목 25" not in first.content.decode()
    assert "제목 25" in second
    assert "제목 29" in second


def test_a_broken_cursor_is_a_bad_request(mirror_rows: None, as_principal: Browser) -> None:
    answer = as_principal(ADA).get("/notifications/?cursor=%00nonsense")

    assert answer.status_code == 400


def test_the_page_speaks_the_readers_language(notifications: Any, as_principal: Browser) -> None:
    page = as_principal(ADA, locale="en").get("/notifications/").content.decode()

    assert "Your marks for django-vote are out: 17 / 20" in page
    assert '<html lang="en"' in page


def test_the_badge_counts_what_is_unread_in_one_statement(
    notifications: Any, as_principal: Browser, django_assert_num_queries: Any
) -> None:
    ada = as_principal(ADA)

    with django_assert_num_queries(1):
        fragment = ada.get("/notifications/badge/", headers={"HX-Request": "true"}).content.decode()
    whole = ada.get("/notifications/badge/").content.decode()

    assert ">3<" in fragment
    assert "<!doctype" not in fragment
    assert "<!doctype" in whole


def test_the_badge_of_someone_signed_out_is_empty_and_sends_nobody_anywhere(
    db: None, as_principal: Browser, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = as_principal(None).get("/notifications/badge/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content) == (204, b"")


def test_an_event_raises_the_count(
    mirror_rows: None, as_principal: Browser, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_released.v1", recipients=[ADA])

    fragment = as_principal(ADA).get("/notifications/badge/", headers={"HX-Request": "true"}).content.decode()

    assert ">1<" in fragment


def test_a_notification_that_does_not_exist_is_not_there(db: None, as_principal: Browser) -> None:
    assert as_principal(ADA).post(f"/notifications/{uuid4()}/open/").status_code == 404
    assert as_principal(ADA).post(f"/notifications/{UUID(int=0)}/open/").status_code == 404
