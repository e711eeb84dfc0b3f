"""Each request's line in the log, its id, and its time in the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from prometheus_client import REGISTRY
from structlog.contextvars import bound_contextvars, get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from chassis import celery_app
from chassis.enqueue import enqueue
from chassis.testing.serving import Request, Response, serving
from chassis.web.client import ServiceClient

ID = uuid4()


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """The lines of the log."""
    with capture_logs(processors=[merge_contextvars]) as found:
        yield found


@pytest.mark.django_db
def test_a_request_is_a_line_with_its_route_and_no_query(api_as: Any, lines: list[Any]) -> None:
    ada = uuid4()

    answer = api_as(ada).get("/api/me?token=secret", headers={"X-Request-Id": str(ID)})

    (line,) = lines
    assert answer.headers["X-Request-Id"] == ID.hex
    assert line.pop("ms") > 0
    assert {
        name: line[name] for name in ("event", "method", "route", "status", "account_id", "request_id")
    } == {
        "event": "request",
        "method": "GET",
        "route": "api/me",
        "status": 200,
        "account_id": str(ada),
        "request_id": ID.hex,
    }
    assert "secret" not in str(line)


@pytest.mark.parametrize("given", ["", "no id", "a" * 31, "x" * 32])
def test_who_gives_no_id_gets_a_new_one(client: Client, given: str) -> None:
    answers = [client.get("/api/nothing", headers={"X-Request-Id": given}) for _ in range(2)]

    ids = {UUID(answer.headers["X-Request-Id"]) for answer in answers}
    assert len(ids) == 2


def test_what_has_no_route_and_what_fails_is_a_line_too(client: Client, lines: list[Any]) -> None:
    client.raise_request_exception = False

    client.get("/secret/path/")
    client.generic("BREW", "/api/bug")

    assert [(line["method"], line["route"], line["status"], line["account_id"]) for line in lines] == [
        ("GET", "", 404, None),
        ("other", "api/bug", 500, None),
    ]


def test_a_probe_is_no_line(client: Client, lines: list[Any]) -> None:
    assert client.get("/healthz/live").status_code == 200

    assert lines == []


def test_requests_are_counted_by_route(client: Client) -> None:
    labels = {"method": "GET", "route": "away/", "status": "503"}
    client.raise_request_exception = False
    before = REGISTRY.get_sample_value("seodang_request_seconds_count", labels) or 0

    client.get("/away/")

    assert REGISTRY.get_sample_value("seodang_request_seconds_count", labels) == before + 1


def test_a_call_to_another_service_has_the_id_of_the_request() -> None:
    received: list[Request] = []

    def answer(request: Request) -> Response:
        received.append(request)
        return 200, {}, b"{}"

    with serving(answer) as url:
        client = ServiceClient(url, "users", token="token")
        client.get("/alone")
        with bound_contextvars(request_id=ID.hex):
            client.get("/asked")

    assert [request.headers.get("X-Request-Id") for request in received] == [None, ID.hex]


def test_a_task_has_the_id_of_the_request_until_it_ends() -> None:
    sent: list[dict[str, Any]] = []
    task: Any = SimpleNamespace(name="task", apply_async=lambda **options: sent.append(options))
    with bound_contextvars(request_id=ID.hex):
        enqueue(task, kwargs={"n": 1})
    enqueue(task, kwargs={"n": 2})
    assert [options.get("headers") for options in sent] == [{"request_id": ID.hex}, None]

    app = SimpleNamespace(conf=SimpleNamespace(beat_schedule={}))
    running = SimpleNamespace(name="task", app=app, request=SimpleNamespace(request_id=ID.hex))
    celery_app._task_started(task=running)
    assert get_contextvars()["request_id"] == ID.hex
    celery_app._task_ended(task=running, state="SUCCESS", retval=None)
    assert "request_id" not in get_contextvars()
