"""Chat webhooks: what is written there, who sees it, and what an answer of the chat changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.testing import NOW
from chassis.testing.https_stand_in import StandIn
from notification.chat import actions, queries, tasks
from notification.chat.models import ChatMessage, ChatWebhook
from notification.chat.rules import encode_message, render_message
from notification.mirrors import actions as mirrors
from tests.conftest import ADA, CLARA, COHORT, OLGA, ReceiveExample

WEB = UUID("00000000-0000-4000-8000-0000000000b1")
API = UUID("00000000-0000-4000-8000-0000000000b2")
DISCORD = "https://discord.com/api/webhooks/1/abc"
PATH = f"/notifications/chat/{COHORT}/"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def cohort(mirror_rows: None) -> UUID:
    """The cohort with two parts; Olga operates it, Ada is a member."""
    mirrors.upsert_cohort(cohort_id=COHORT, title="16기", version=2, parts=[(WEB, "웹"), (API, "백엔드")])
    for number, (account_id, role) in enumerate([(OLGA, "operator"), (ADA, "member")]):
        mirrors.upsert_membership(
            membership_id=UUID(int=number + 1),
            cohort_id=COHORT,
            account_id=account_id,
            role=role,
            left=False,
            version=1,
        )
    return COHORT


def webhook(stand_in: StandIn, path: str = "/hooks/1", part_id: UUID | None = None) -> ChatWebhook:
    return actions.create_webhook(
        cohort_id=COHORT, name=path, url=stand_in.url(path), part_id=part_id, at=NOW
    )


def send() -> None:
    """Send what is due, in as many rounds as that takes."""
    while queries.is_due(timezone.now()):
        tasks.send_due_messages()


def texts(stand_in: StandIn, path: str = "/hooks/1") -> list[str]:
    return [json.loads(request.body)["text"] for request in stand_in.requests if request.path == path]


def test_an_announcement_is_written_once_with_a_link_and_without_its_text(
    cohort: UUID, stand_in: StandIn, receive_example: ReceiveExample
) -> None:
    webhook(stand_in)
    for _ in range(2):
        receive_example(
            "study.announcement_published.v1", cohort_id=COHORT, title="OT", excerpt="Ada", audience="cohort"
        )

    send()
    send()

    [text] = texts(stand_in)
    assert text.startswith(f"[16기] 새 공지: OT\nhttp://testserver/cohorts/{COHORT}/announcements/")
    assert "Ada" not in text


def test_what_concerns_one_part_is_not_written_to_another(cohort: UUID, stand_in: StandIn) -> None:
    webhook(stand_in, "/all")
    webhook(stand_in, "/web", WEB)
    webhook(stand_in, "/api", API)

    queue("mission_opened", {"mission": "투두"}, part_id=WEB)
    send()

    assert {request.path for request in stand_in.requests} == {"/all", "/web"}


@pytest.mark.parametrize(
    ("audience", "part_id", "paths"),
    [
        ("cohort", None, {"/all", "/web", "/api"}),
        ("part", WEB, {"/web"}),
        ("team", None, set()),
        (None, None, set()),
    ],
)
def test_an_announcement_reaches_only_channels_whose_readers_may_read_it(
    audience: str | None,
    part_id: UUID | None,
    paths: set[str],
    cohort: UUID,
    stand_in: StandIn,
    receive_example: ReceiveExample,
) -> None:
    webhook(stand_in, "/all")
    webhook(stand_in, "/web", WEB)
    webhook(stand_in, "/api", API)

    receive_example(
        "study.announcement_published.v1", cohort_id=COHORT, title="OT", audience=audience, part_id=part_id
    )
    send()

    assert {request.path for request in stand_in.requests} == paths


def test_the_mirror_of_parts_follows_the_cohort(cohort: UUID, receive_example: ReceiveExample) -> None:
    receive_example(
        "study.cohort_changed.v1",
        cohort_id=COHORT,
        title="16기",
        version=9,
        parts=[{"part_id": str(API), "name": "서버"}],
    )

    assert queries.cohort_chats(COHORT).parts == {API: "서버"}


def queue(kind: str, context: dict[str, Any], *, part_id: UUID | None = None, key: str = "1") -> None:
    actions.queue_messages(
        cohort_id=COHORT, kind=kind, key=key, context=context, url="/missions/1/", at=NOW, part_id=part_id
    )


def test_how_many_have_not_submitted_is_a_number_without_names(cohort: UUID, stand_in: StandIn) -> None:
    webhook(stand_in)

    queue("missing", {"missing": 8, "total": 31, "mission": "투두", "due_at": "2026-11-24T14:59:00+00:00"})
    send()

    [text] = texts(stand_in)
    assert "31명 중 8명이 아직 투두 미션을 제출하지 않았어요" in text
    assert "11.24(화) 23:59" in text


@pytest.mark.parametrize("part_id", [None, WEB])
def test_a_new_mission_and_how_many_owe_it_are_written_once_each(
    part_id: UUID | None, cohort: UUID, stand_in: StandIn, receive_example: ReceiveExample
) -> None:
    webhook(stand_in)
    webhook(stand_in, "/api", API)
    about = {"cohort_id": COHORT, "part_id": part_id, "members": 31, "due_at": "2026-11-25T14:59:00Z"}
    for _ in range(2):
        for kind, window, unsubmitted in [("opened", "", 31), ("due", "24h", 9), ("due", "3h", 8)]:
            receive_example(
                "study.members_reminded.v1", kind=kind, window=window, unsubmitted=unsubmitted, **about
            )
    # An extension, and what an operator sends, concern single members.
    receive_example(
        "study.members_reminded.v1", **(about | {"members": None, "due_at": "2026-11-26T14:59:00Z"})
    )

    send()
    send()

    assert sorted(text.partition("\n")[0] for text in texts(stand_in)) == [
        "[16기] 31명 중 8명이 아직 django-vote 미션을 제출하지 않았어요.",
        "[16기] 31명 중 9명이 아직 django-vote 미션을 제출하지 않았어요.",
        "[16기] 새 미션: django-vote",
    ]
    assert len(texts(stand_in, "/api")) == (0 if part_id else 3)


def test_how_many_owe_it_is_not_written_after_the_deadline(
    cohort: UUID, stand_in: StandIn, receive_example: ReceiveExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(stand_in)
    due_at = NOW + timedelta(hours=2)
    receive_example(
        "study.members_reminded.v1", cohort_id=COHORT, members=31, unsubmitted=8, due_at=due_at.isoformat()
    )
    monkeypatch.setattr(timezone, "now", lambda: due_at)

    send()

    assert (stand_in.requests, ChatMessage.objects.get().skipped) == ([], "expired")


def test_mentions_notify_nobody() -> None:
    discord = json.loads(encode_message("discord", "@everyone <!channel>"))
    slack = json.loads(encode_message("slack", "<!channel> & <@U1>"))

    assert discord["allowed_mentions"] == {"parse": []}
    assert slack["text"] == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


def test_a_long_title_fits_into_a_message() -> None:
    text = render_message("announcement", {"title": 5000 * "가"}, cohort="16기", url="https://a.example/")

    assert len(text) < 2000
    assert text.endswith("https://a.example/")


def test_429_holds_every_message_of_the_webhook(
    cohort: UUID, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(stand_in)
    webhook(stand_in, "/other")
    stand_in.answers["/hooks/1"] = (429, {"Retry-After": "120"})
    queue("announcement", {"title": "A"}, key="1")
    queue("announcement", {"title": "B"}, key="2")

    send()

    assert [request.path for request in stand_in.requests].count("/hooks/1") == 1
    assert [request.path for request in stand_in.requests].count("/other") == 2
    stand_in.answers.clear()
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(seconds=120))
    send()
    assert len(texts(stand_in)) == 3
    assert not ChatMessage.objects.filter(sent_at=None).exists()


@pytest.mark.parametrize("status", [404, 410])
def test_a_webhook_that_the_chat_deleted_gets_no_more(status: int, cohort: UUID, stand_in: StandIn) -> None:
    hook = webhook(stand_in)
    stand_in.answers["/hooks/1"] = (status, {})
    queue("announcement", {"title": "A"}, key="1")
    queue("announcement", {"title": "B"}, key="2")

    send()
    queue("announcement", {"title": "C"}, key="3")
    send()

    assert len(stand_in.requests) == 1
    hook.refresh_from_db()
    assert hook.gone_at == NOW


def test_a_server_error_is_retried(cohort: UUID, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook(stand_in)
    stand_in.answers["/hooks/1"] = (500, {})
    queue("announcement", {"title": "A"})

    send()
    stand_in.answers.clear()
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=1))
    send()

    assert len(stand_in.requests) == 2
    assert ChatMessage.objects.get().sent_at == NOW + timedelta(minutes=1)


def test_an_operator_adds_tests_and_removes_a_webhook(
    cohort: UUID, stand_in: StandIn, as_principal: Callable[..., Any], run_tasks: Any
) -> None:
    olga = as_principal(OLGA)
    secret = stand_in.url("/hooks/secret")

    answer = olga.post(PATH, {"name": "공지방", "url": secret, "part_id": str(WEB), "idempotency_key": "1"})
    assert answer.status_code == 302
    hook = ChatWebhook.objects.get()
    run_tasks(lambda: olga.post(f"/notifications/chat/webhooks/{hook.id}/test/"))

    page = olga.get(PATH).content.decode()
    assert "공지방" in page
    assert "secret" not in page
    assert "secret" not in str(vars(hook))
    assert len(texts(stand_in, "/hooks/secret")) == 1
    assert olga.get(f"/notifications/chat/webhooks/{hook.id}/delete/").status_code == 200
    olga.post(f"/notifications/chat/webhooks/{hook.id}/delete/")
    assert not ChatWebhook.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://discord.com/api/webhooks/1/a",
        "https://discord.com/channels/1",
        "https://discord.com.evil.example/api/webhooks/1/a",
        "https://discord.com@10.0.0.1/api/webhooks/1/a",
        "https://10.0.0.1/api/webhooks/1/a",
        "https://hooks.slack.com/workflows/1",
        "https://localhost/services/1",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_webhook_is_refused_and_stays_in_the_form(
    url: str, cohort: UUID, as_principal: Callable[..., Any]
) -> None:
    answer = as_principal(OLGA).post(PATH, {"name": "a", "url": url, "idempotency_key": "1"})

    assert answer.status_code == 422
    assert "웹훅이 아니에요" in answer.content.decode()
    assert not ChatWebhook.objects.exists()


def test_the_same_webhook_is_added_once(cohort: UUID) -> None:
    actions.create_webhook(cohort_id=COHORT, name="a", url=DISCORD, at=NOW)

    with pytest.raises(actions.WebhookExists):
        actions.create_webhook(cohort_id=COHORT, name="b", url=DISCORD, at=NOW)


def test_a_part_of_another_cohort_is_refused(cohort: UUID) -> None:
    with pytest.raises(actions.PartNotInCohort):
        actions.create_webhook(cohort_id=COHORT, name="a", url=DISCORD, part_id=UUID(int=9), at=NOW)


@pytest.mark.parametrize("account_id", [ADA, CLARA])
def test_only_operators_see_them(account_id: UUID, cohort: UUID, as_principal: Callable[..., Any]) -> None:
    assert as_principal(account_id).get(PATH).status_code == 404
    assert as_principal(account_id).post(PATH, {"name": "a", "url": DISCORD}).status_code == 404


def test_an_operator_who_left_sees_them_no_more(cohort: UUID, as_principal: Callable[..., Any]) -> None:
    mirrors.upsert_membership(
        membership_id=UUID(int=1), cohort_id=COHORT, account_id=OLGA, role="operator", left=True, version=2
    )

    assert as_principal(OLGA).get(PATH).status_code == 404


def test_without_a_key_chats_are_off(
    cohort: UUID, stand_in: StandIn, settings: Any, as_principal: Callable[..., Any]
) -> None:
    webhook(stand_in)
    queue("announcement", {"title": "A"})
    settings.FIELD_KEY = []

    send()

    assert ChatMessage.objects.get().skipped == "no_key"
    assert stand_in.requests == []
    assert 'name="url"' not in as_principal(OLGA).get(PATH).content.decode()


def test_a_url_that_cannot_be_decrypted_is_a_failure_that_the_operator_sees(
    cohort: UUID, stand_in: StandIn, settings: Any, as_principal: Callable[..., Any]
) -> None:
    webhook(stand_in)
    queue("announcement", {"title": "A"})
    settings.FIELD_KEYS = settings.FIELD_KEY = ["bG9zdGxvc3Rsb3N0bG9zdGxvc3Rsb3N0bG9zdGxvc3Q="]

    send()

    assert ChatMessage.objects.get().skipped == "no_key"
    assert ChatWebhook.objects.get().error == "FIELD_KEY does not decrypt the URL"
    assert "실패" in as_principal(OLGA).get(PATH).content.decode()


def test_old_messages_are_deleted(cohort: UUID, stand_in: StandIn) -> None:
    webhook(stand_in)
    queue("announcement", {"title": "A"})
    send()

    actions.delete_old_messages(before=NOW + timedelta(seconds=1))

    assert not ChatMessage.objects.exists()


def test_the_pages_queries_do_not_grow_with_the_rows(cohort: UUID, django_assert_num_queries: Any) -> None:
    for number in range(5):
        actions.create_webhook(cohort_id=COHORT, name="a", url=f"{DISCORD}{number}", at=NOW)

    with django_assert_num_queries(3):
        queries.cohort_chats(COHORT)
