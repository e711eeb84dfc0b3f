"""A web process logs each request as a line of JSON, and counts it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

from service_processes import Process, Redis, http, is_healthy, services, supervised

ID = "0f" * 16
PATH = "/api/v1/study/cohorts?cursor=a-secret"


def ask(web: Process, path: str) -> tuple[int, Message]:
    """Return the status and the headers of a request with an id."""
    url = f"http://{web.environment['LISTEN']}{path}"
    request = urllib.request.Request(url, headers={"X-Request-Id": ID, "Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def lines(web: Process) -> list[dict[str, Any]]:
    """Return the lines of requests in its log."""
    found = [json.loads(line) for line in web.log_text().splitlines() if line.startswith("{")]
    return [line for line in found if line["event"] == "request"]


def test_a_request_is_a_line_of_json_with_its_id_and_a_metric(tmp_path: Path, redis: Redis) -> None:
    study = services(tmp_path, redis.url, names=("study",))["study"]
    web = study.role("web")
    with supervised(web) as running:
        running.wait_for("the web process is healthy", lambda: is_healthy(web))
        status, headers = ask(web, PATH)
        (line,) = running.wait_for("the request is logged", lambda: lines(web))
        metrics = http(web, "/metrics")[1]

    assert (status, headers["X-Request-Id"]) == (401, ID)
    assert line["ms"] > 0
    assert {
        name: line[name] for name in ("service", "method", "route", "status", "account_id", "request_id")
    } == {
        "service": "study",
        "method": "GET",
        "route": "api/v1/study/cohorts",
        "status": 401,
        "account_id": None,
        "request_id": ID,
    }
    assert "a-secret" not in web.log_text()
    counted = 'seodang_request_seconds_count{method="GET",route="api/v1/study/cohorts",status="401"} 1.0'
    assert counted in metrics
