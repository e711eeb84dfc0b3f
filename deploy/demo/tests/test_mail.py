"""The mail sink, tested by SMTP and HTTP."""

from __future__ import annotations

import http.client
import json
import os
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from demo.mail.store import Store

DEMO = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class Sink:
    smtp_port: int
    http_port: int
    folder: Path

    def send(self, message: EmailMessage | bytes, to: str = "ada@club.example") -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as client:
            content = message if isinstance(message, bytes) else message.as_bytes()
            client.sendmail("seodang@club.example", [to], content)

    def get(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=60)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    def messages(self, query: str = "") -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = json.loads(self.get(f"/_mail/messages.json{query}")[2])["messages"]
        return messages


@pytest.fixture
def sink(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Sink]:
    found = Sink(free_port(), free_port(), tmp_path / "mail")
    arguments = ["--smtp-port", str(found.smtp_port), "--http-port", str(found.http_port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "demo.mail", *arguments, "--folder", str(found.folder)],
        env={**os.environ, "PYTHONPATH": str(DEMO)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert b"takes mail" in process.stdout.readline()
    yield found
    process.terminate()
    assert process.wait(60) == 0
    process.stdout.close()


def make_mail(subject: str, text: str = "안녕하세요", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "서당 <seodang@club.example>"
    message["To"] = "ada@club.example"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def test_an_empty_sink_says_what_will_appear(sink: Sink) -> None:
    status, _, page = sink.get("/_mail/")
    assert status == 200
    assert page.index("아직 보낸 메일이 없어요") < page.index("No mail yet")
    assert sink.messages() == []


def test_a_korean_subject_arrives_readable(sink: Sink) -> None:
    sink.send(
        make_mail(
            "[서당] 비밀번호를 다시 정해 주세요", "여기를 눌러 주세요: http://localhost:8000/a?b=1&c=2."
        )
    )
    (mail,) = sink.messages()
    assert mail["subject"] == "[서당] 비밀번호를 다시 정해 주세요"
    assert mail["to"] == ["ada@club.example"]
    assert mail["from"] == "seodang@club.example"
    assert mail["headers"]["From"] == "서당 <seodang@club.example>"
    assert "[서당] 비밀번호를 다시 정해 주세요" in sink.get("/_mail/")[2]
    page = sink.get(f"/_mail/{mail['id']}/")[2]
    assert '<a href="http://localhost:8000/a?b=1&amp;c=2" rel="noreferrer">' in page


@pytest.mark.parametrize("charset", ["euc-kr", "ks_c_5601-1987", "iso-2022-kr", "x-nobody-knows"])
def test_old_and_unknown_encodings_do_no_harm(sink: Sink, charset: str) -> None:
    try:
        body = "안녕하세요".encode(charset)
    except LookupError:
        body = "안녕하세요".encode()
    header = f"Subject: =?utf-8?b?7ISc64u5?=\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    sink.send(header + body)
    (mail,) = sink.messages()
    assert (mail["subject"], mail["text"].strip()) == ("서당", "안녕하세요")


def test_a_mail_without_any_header_is_shown(sink: Sink) -> None:
    sink.send(b"no header at all")
    (mail,) = sink.messages()
    assert sink.get(f"/_mail/{mail['id']}/")[0] == 200
    assert "(제목 없음)" in sink.get("/_mail/")[2]


def test_the_newest_comes_first_and_one_person_can_be_picked(sink: Sink) -> None:
    sink.send(make_mail("first"), to="ada@club.example")
    sink.send(make_mail("second"), to="boris@club.example")
    assert [mail["subject"] for mail in sink.messages()] == ["second", "first"]
    assert [mail["subject"] for mail in sink.messages("?to=ADA@club.example")] == ["first"]


def test_html_is_shown_where_it_can_do_nothing(sink: Sink) -> None:
    sink.send(make_mail("html", "text", '<p style="color:red">hi</p><script>alert(1)</script>'))
    (mail,) = sink.messages()
    page = sink.get(f"/_mail/{mail['id']}/")[2]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<script" not in page
    status, headers, body = sink.get(f"/_mail/{mail['id']}/html")
    assert status == 200
    assert "alert(1)" in body
    assert "sandbox allow-popups" in headers["Content-Security-Policy"]
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_what_a_mail_says_is_never_our_markup(sink: Sink) -> None:
    sink.send(
        make_mail("<b>bold</b>", '<img src=x> http://x.example/"onclick=alert(1)'), to="<i>@club.example"
    )
    (mail,) = sink.messages()
    for path in ("/_mail/", f"/_mail/{mail['id']}/"):
        page = sink.get(path)[2]
        assert "<b>bold" not in page
        assert "<img" not in page
        assert "<i>" not in page
        assert 'x.example/"onclick' not in page


@pytest.mark.parametrize("path", ["/_mail/20261124T000000-0/", "/_mail/../x", "/_mail/x/", "/"])
def test_a_mail_that_is_not_there_is_said_so(sink: Sink, path: str) -> None:
    status, _, page = sink.get(path)
    assert status == 404
    assert "그런 메일이 없어요" in page


def test_the_page_only_reads(sink: Sink) -> None:
    assert sink.get("/_mail/", "POST")[0] == 405
    assert sink.get("/_mail/", "HEAD")[2] == ""


def test_many_mails_at_once_are_all_taken(sink: Sink) -> None:
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=60) as client:
        for number in range(200):
            client.sendmail("a@club.example", ["b@club.example"], make_mail(f"mail {number}").as_bytes())
    assert len(sink.messages()) == 200


def test_only_the_newest_are_kept_and_a_restart_forgets_none(tmp_path: Path) -> None:
    store = Store(tmp_path, max_mails=3)
    for number in range(5):
        store.add(
            "a@x.example",
            ["b@x.example"],
            make_mail(str(number)).as_bytes(),
            at=NOW + timedelta(seconds=number),
        )
    assert len(list(tmp_path.glob("*.eml"))) == 3
    again = Store(tmp_path, max_mails=2)
    assert [mail["subject"] for mail in again.newest_first()] == ["4", "3"]
    assert again.newest_first()[0]["received_at"] == (NOW + timedelta(seconds=4)).isoformat()
    assert len(list(tmp_path.glob("*.eml"))) == 2
