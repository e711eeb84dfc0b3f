"""The gateway: a real Caddy with the committed configuration in front of echo services."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from echo import Response
from gateways import Gateway, running, start_echo

import render_gateway

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Run a gateway with users and study up, and notification down."""
    # A path with a space must work.
    with running(tmp_path_factory.mktemp("gate way"), services=("users", "study")) as found:
        yield found


PATHS = ["/", *(f"{route.path}/x" for route in render_gateway.read().routes if not route.exact)]


@pytest.mark.parametrize("path", PATHS)
def test_every_path_goes_where_the_list_says(gateway: Gateway, path: str) -> None:
    service = render_gateway.read().service_for(path)
    answer = gateway.ask(path)
    if service == "notification":
        assert answer.status == 503
    else:
        assert (answer.status, answer.request["service"], answer.request["path"]) == (200, service, path)


@pytest.mark.parametrize(
    "path",
    [
        "/internal",
        "/internal/token",
        "/INTERNAL/token",
        "/healthz/ready",
        "/metrics",
        "/joiners",
        "/nothing",
        "/accounts/../internal/token",
        "/accounts/%2e%2e/internal/token",
        "/accounts%2f..%2finternal/token",
        "/internal/../accounts/",
        "/%69nternal/token",
        "//internal/token",
        "/accounts//internal",
        "/accounts/..\\internal",
        "/accounts/%252e%252e/internal",
        "/_gateway/down.html",
        "/_gateway/../down.html",
    ],
)
def test_what_is_not_listed_is_not_routed(gateway: Gateway, path: str) -> None:
    answer = gateway.ask(path)
    assert answer.status == 404
    assert "찾는 페이지가 없어요" in answer.body.decode()


def test_an_unknown_api_path_is_a_problem_document(gateway: Gateway) -> None:
    answer = gateway.ask("/api/v2/x")
    assert answer.status == 404
    assert answer.header_values("Content-Type") == ["application/problem+json"]
    assert json.loads(answer.body)["code"] == "not_found"


def test_a_query_may_hold_what_a_path_may_not(gateway: Gateway) -> None:
    answer = gateway.ask("/accounts/renew?next=/a/../b//c%25")
    assert answer.request["path"] == "/accounts/renew?next=/a/../b//c%25"


@pytest.mark.parametrize(
    ("method", "korean", "english"),
    [
        ("GET", "지금은 이 화면을 열 수 없어요", "This part of Seodang"),
        ("POST", "다시 보내도 돼요", "Reload this page to send the same again"),
        ("PUT", "다시 보내도 돼요", "Reload this page to send the same again"),
    ],
)
def test_a_service_that_is_down_has_a_page_in_our_look(
    gateway: Gateway, method: str, korean: str, english: str
) -> None:
    answer = gateway.ask("/notifications/", method, body=b"a=1" if method != "GET" else None)
    page = answer.body.decode()
    assert answer.status == 503
    assert answer.header_values("Retry-After") == ["5"]
    assert answer.header_values("Content-Type") == ["text/html; charset=utf-8"]
    assert answer.header_values("Cache-Control") == ["no-store"]
    (policy,) = answer.header_values("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in page
    # A script of its own for what was sent; none in the page.
    assert re.findall(r"<script[^>]*>", page) == (
        [] if method == "GET" else ['<script src="/_gateway/again.js" defer>']
    )
    assert page.index(korean) < page.index(english)
    assert '<link rel="stylesheet" href="/_gateway/seodang.css">' in page


@pytest.mark.parametrize(
    "asked", [{"If-None-Match": "*"}, {"Range": "bytes=0-3"}, {"Accept-Encoding": "gzip"}]
)
def test_the_down_page_comes_whole_whatever_was_asked(gateway: Gateway, asked: dict[str, str]) -> None:
    answer = gateway.ask("/notifications/", headers=asked)
    assert answer.status == 503
    assert len(answer.body) > 500
    assert not answer.header_values("Content-Range")


def test_the_down_page_has_no_body_for_a_head_request(gateway: Gateway) -> None:
    answer = gateway.ask("/notifications/", "HEAD")
    assert (answer.status, answer.body) == (503, b"")


def test_a_program_is_told_in_a_problem_document(gateway: Gateway) -> None:
    answer = gateway.ask("/api/v1/notification/inbox")
    assert answer.status == 503
    assert answer.header_values("Content-Type") == ["application/problem+json"]
    assert answer.header_values("Retry-After") == ["5"]
    problem = json.loads(answer.body)
    assert (problem["code"], problem["status"]) == ("unavailable", 503)


def test_the_gateway_serves_its_pages_stylesheet(gateway: Gateway) -> None:
    answer = gateway.ask("/_gateway/seodang.css")
    assert answer.status == 200
    assert answer.header_values("Content-Type") == ["text/css; charset=utf-8"]
    assert b".narrow" in answer.body


def test_the_page_for_what_was_sent_has_its_script(gateway: Gateway) -> None:
    answer = gateway.ask("/_gateway/again.js")
    assert (answer.status, answer.header_values("Content-Type")) == (200, ["text/javascript; charset=utf-8"])
    assert b"history.back()" in answer.body


def test_what_a_client_claims_about_itself_is_not_believed(gateway: Gateway) -> None:
    claims = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Prefix": "/evil",
        "X-Real-IP": "203.0.113.9",
        "X-Original-URL": "/internal",
        "X-Rewrite-URL": "/internal",
        "Forwarded": "for=203.0.113.9",
    }
    request = gateway.ask("/accounts/", headers=claims).request["headers"]
    assert request["x-forwarded-for"] == "127.0.0.1"
    assert request["x-forwarded-proto"] == "http"
    assert request["x-forwarded-host"] == request["host"] == f"127.0.0.1:{gateway.port}"
    allowed = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    assert not {name.lower() for name in claims} & set(request) - allowed


def test_each_request_has_an_id_of_the_gateway(gateway: Gateway) -> None:
    claimed = str(UUID(int=7))
    ids = [
        gateway.ask("/accounts/", headers={"X-Request-Id": claimed}).request["headers"]["x-request-id"]
        for _ in range(2)
    ]
    assert len({UUID(id_) for id_ in ids} - {UUID(claimed)}) == 2


def test_security_headers_are_the_services_own_and_come_once(gateway: Gateway) -> None:
    answer = gateway.ask("/accounts/")
    for name in ("X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Referrer-Policy"):
        assert len(answer.header_values(name)) == 1
    assert answer.header_values("Content-Security-Policy") == ["default-src 'self'"]


@pytest.mark.parametrize("path", ["/accounts/", "/notifications/", "/nothing"])
def test_the_gateway_does_not_say_what_it_runs(gateway: Gateway, path: str) -> None:
    answer = gateway.ask(path)
    assert not answer.header_values("Via")
    assert "caddy" not in str(answer.headers).lower()


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/accounts/", MIB, 200),
        ("/accounts/", MIB + 1, 413),
        ("/cohorts/1/announcements/", MIB + 1, 413),
        ("/cohorts/1/missions/import/", 5 * MIB, 200),
        ("/cohorts/1/missions/import/", 5 * MIB + 1, 413),
        ("/hooks/github/1", 25 * MIB, 200),
        ("/hooks/github/1", 25 * MIB + 1, 413),
        ("/hooks", 1, 404),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_are_limited_and_uploads_may_be_larger(
    gateway: Gateway, path: str, size: int, status: int, chunked: bool
) -> None:
    answer = _send(gateway, path, size, chunked=chunked)
    assert answer.status == status
    if status == 200:
        assert answer.request["size"] == size


def test_a_body_too_large_is_said_in_words(gateway: Gateway) -> None:
    assert "보낸 것이 너무 커요" in _send(gateway, "/accounts/", 6 * MIB, chunked=False).body.decode()
    problem = _send(gateway, "/hooks/github/1", 26 * MIB, chunked=False)
    assert json.loads(problem.body)["code"] == "body_too_large"


def _send(gateway: Gateway, path: str, size: int, *, chunked: bool) -> Response:
    """Post that many bytes; read the response even if it arrives before the body was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    try:
        connection.putrequest("POST", path)
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        else:
            connection.putheader("Content-Length", str(size))
        connection.endheaders()
        left, block = size, b"x" * 65536
        try:
            while left:
                part = block[:left]
                connection.send(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
                left -= len(part)
            if chunked:
                connection.send(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        response = connection.getresponse()
        return Response(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def test_a_service_that_comes_back_within_a_second_is_not_missed(gateway: Gateway) -> None:
    users = gateway.services["users"]
    users.shutdown()
    users.server_close()
    answers: list[Response] = []
    asking = threading.Thread(target=lambda: answers.append(gateway.ask("/accounts/", "POST", body=b"a=1")))
    asking.start()
    time.sleep(0.5)
    gateway.services["users"] = start_echo("users", users.server_address[1])
    asking.join(10)
    assert answers[0].status == 200
    assert answers[0].request["size"] == 3


@pytest.mark.parametrize("status", [400, 408, 411, 413, 414, 431, 500, 503])
def test_what_the_server_says_without_the_application_is_said_in_our_form(
    gateway: Gateway, status: int
) -> None:
    for path in ("/api/v1/study/server-says", "/hooks/github/server-says"):
        answer = gateway.ask(path, "POST", body=b"a", headers={"X-Status": str(status)})
        assert (answer.status, json.loads(answer.body)["status"]) == (status, status)
        assert answer.header_values("Content-Type") == ["application/problem+json"]
    page = gateway.ask("/cohorts/server-says", "POST", body=b"a", headers={"X-Status": str(status)})
    assert page.status == status
    assert b"bare" not in page.body
    if status in {408, 503}:
        assert "다시 보내도 돼요" in page.body.decode()


def test_a_long_head_reaches_whoever_can_say_so(gateway: Gateway) -> None:
    assert gateway.ask("/api/v1/study/x", headers={"X-Long": "a" * 40_000}).status == 200


def test_who_hangs_up_in_the_middle_takes_the_service_from_nobody(gateway: Gateway) -> None:
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", gateway.port), 10) as wire:
            wire.sendall(b"POST /accounts/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na")
            time.sleep(0.05)
    for _ in range(5):
        assert gateway.ask("/accounts/").status == 200


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 503), ("DELETE", 503)])
def test_what_only_reads_is_asked_again_where_no_answer_came(
    gateway: Gateway, method: str, status: int
) -> None:
    """As after `kill -9` of the server during a request. A write may have been applied."""
    body = b"a" if method == "POST" else None
    assert gateway.ask(f"/accounts/dies-once/{method}", method, body=body).status == status


def test_nothing_is_kept_outside_the_folder_given(gateway: Gateway) -> None:
    assert not (gateway.folder / "home").exists()


def test_there_is_no_door_to_the_configuration(gateway: Gateway) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", 2019, timeout=2)
    with pytest.raises(ConnectionRefusedError):
        connection.request("GET", "/config/")
