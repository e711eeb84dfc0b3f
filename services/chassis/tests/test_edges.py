"""Wrong settings, errors in both languages, cursors, secrets at rest, health."""

from __future__ import annotations

from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from chassis import crypto, env, settings_base
from chassis.events.models import ProcessedEvent
from chassis.names import check_name
from chassis.testing import NOW
from chassis.web.pagination import BadCursor, page_of


def test_a_missing_setting_says_its_name_and_the_file_way(monkeypatch):
    monkeypatch.delenv("BROKER_URL")
    with pytest.raises(env.ImproperlyConfigured, match="BROKER_URL_FILE"):
        env.string("BROKER_URL")


def test_a_setting_may_lie_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-the-file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.string("SECRET_KEY") == "from-the-file"

    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(env.ImproperlyConfigured, match="cannot read"):
        env.string("SECRET_KEY")


def test_a_key_that_a_service_can_do_without_may_be_missing(monkeypatch, tmp_path):
    monkeypatch.delenv("FIELD_KEY")
    assert env.optional_list_of("FIELD_KEY") == []
    monkeypatch.setenv("FIELD_KEY_FILE", str(tmp_path / "key"))
    assert env.optional_list_of("FIELD_KEY") == []

    (tmp_path / "key").write_text("new,old\n")
    assert env.optional_list_of("FIELD_KEY") == ["new", "old"]


def test_hours_of_a_day_are_two_times(monkeypatch):
    assert env.hours("QUIET_HOURS", "23:00-08:00") == (time(23), time(8))
    monkeypatch.setenv("QUIET_HOURS", "")
    assert env.hours("QUIET_HOURS", "23:00-08:00") is None
    for wrong in ("23:00", "23:00-", "late-early", "23:00-08:00-09:00"):
        monkeypatch.setenv("QUIET_HOURS", wrong)
        with pytest.raises(env.ImproperlyConfigured, match="must look like 23:00-08:00"):
            env.hours("QUIET_HOURS", "")


@pytest.mark.parametrize("weak", ["", "change-me", "short"])
def test_a_weak_secret_starts_nothing_but_the_demo(weak, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", weak)
    with pytest.raises(env.ImproperlyConfigured, match="too weak"):
        env.secret("SECRET_KEY")
    monkeypatch.setenv("DEMO", "true")
    assert env.secret("SECRET_KEY") == weak


def test_numbers_and_flags_are_what_they_say(monkeypatch):
    monkeypatch.setenv("RELAY_POLL", "soon")
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(env.ImproperlyConfigured, match="must be a number"):
        env.number("RELAY_POLL", 1)
    with pytest.raises(env.ImproperlyConfigured, match="must be true or false"):
        env.boolean("DEBUG")


@pytest.mark.parametrize("wrong", ["club.example", "ftp://club.example", "https://club.example/seodang"])
def test_a_public_url_that_is_none_is_refused(wrong, monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", wrong)
    with pytest.raises(env.ImproperlyConfigured, match="PUBLIC_URL must look like"):
        settings_base.public_url()


def test_a_mail_server_is_one_url(monkeypatch):
    monkeypatch.setenv("SMTP_URL", "smtp+starttls://me:pw@mail.example")
    mail = settings_base.mail()
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"], mail["EMAIL_USE_TLS"]) == ("mail.example", 587, True)
    monkeypatch.setenv("SMTP_URL", "mail.example:25")
    with pytest.raises(env.ImproperlyConfigured, match="SMTP_URL must look like"):
        settings_base.mail()


def test_a_secret_at_rest_opens_with_an_older_key_and_with_no_other(settings):
    old = settings.FIELD_KEYS
    closed = crypto.encrypt("swordfish")
    assert "swordfish" not in closed

    new = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
    settings.FIELD_KEYS = [new, *old]
    assert crypto.decrypt(closed) == "swordfish"
    settings.FIELD_KEYS = [new]
    with pytest.raises(ValueError, match="FIELD_KEY no longer holds"):
        crypto.decrypt(closed)


@pytest.mark.parametrize(("kind", "status"), [("missing", 404), ("role", 403), ("taken", 409)])
def test_a_refused_page_is_a_page_in_words(kind, status, as_principal):
    response = as_principal(None).get(f"/refusing/{kind}/")

    assert response.status_code == status
    assert "Traceback" not in response.content.decode()
    if kind == "taken":
        assert "The name is taken." in response.content.decode()


def test_a_refused_call_is_a_problem_with_a_stable_code(api_as):
    from uuid import uuid4

    response = api_as(uuid4()).post("/api/me")

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "/problems/taken",
        "code": "taken",
        "title": "The name is taken.",
        "status": 409,
        "errors": {"name": ["The name is taken."]},
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/nothing", 404, "not_found"),
        ("/api/bug", 500, "broken"),
        ("/api/away", 503, "unavailable"),
    ],
)
def test_a_program_gets_a_problem_where_no_view_answers(path, status, code, client):
    client.raise_request_exception = False

    response = client.get(path)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code


def test_a_person_gets_a_page_where_no_view_answers(client):
    response = client.get("/nothing")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_database_that_is_away_asks_to_come_again(client):
    client.raise_request_exception = False

    response = client.get("/away/", headers={"accept-language": "ko"})

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "지금은 이 화면을 열 수 없어요" in response.content.decode()


def test_nobody_is_asked_to_sign_in_with_a_problem(api_as):
    response = api_as(None).get("/api/me")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db
def test_pages_by_cursor_show_every_row_once_in_one_statement_each(django_assert_num_queries):
    from datetime import timedelta
    from uuid import uuid4

    # Three rows of the same instant at each of seven instants: the second column decides.
    for n in range(21):
        ProcessedEvent.objects.create(event_id=uuid4(), received_at=NOW + timedelta(microseconds=n // 3))
    order = ("-received_at", "event_id")

    seen: list[ProcessedEvent] = []
    cursor = None
    while True:
        with django_assert_num_queries(1):
            page = page_of(ProcessedEvent.objects.all(), order=order, cursor=cursor, size=4)
        seen += page.rows
        cursor = page.next
        if cursor is None:
            break

    assert seen == list(ProcessedEvent.objects.order_by(*order))


@pytest.mark.django_db
@bounds(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_a_broken_cursor_is_refused_not_an_error(cursor):
    if cursor:
        with pytest.raises(BadCursor):
            page_of(ProcessedEvent.objects.all(), order=("-received_at", "event_id"), cursor=cursor)


@pytest.mark.django_db
def test_health_asks_the_own_database_and_only_when_ready_is_meant(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz/live").status_code == 200
    with django_assert_num_queries(1):
        assert client.get("/healthz/ready").status_code == 200
    assert connection.is_usable()


@pytest.mark.parametrize(
    "text",
    [
        "\u200b",
        "\u3164",
        "\uffa0\u2800",
        "\u200d\ufe0f",
        "\u0301",
        "\u202e",
        "Ada\u202etxt",
        "Ada\u2066",
        "a\r\nb",
        "a\nb",
        "a\u2028b",
        "a\x1bb",
        "a\x00b",
        "\ue000",
    ],
)
def test_what_cannot_be_seen_is_no_name(text):
    with pytest.raises(ValidationError):
        check_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "김하늘",
        "Zoë",
        "Zoe\u0308",
        "👩\u200d💻",
        "…",
        "7",
        "أحمد",
        "क्\u200dष",
        "a\u00a0b",
        "ㄱㄴ",
        "שלום\u200f!",
    ],
)
def test_names_of_people_are_names(text):
    check_name(text)
