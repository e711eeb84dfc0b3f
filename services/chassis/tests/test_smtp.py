"""A mail server that is slow, silent or away holds nobody for long."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from django.core.mail import EmailMessage

from chassis import smtp

MAIL = EmailMessage("s", "t", "a@club.example", ["b@club.example"])


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    """Limits of a second, and a server that every call may take long to answer by itself."""
    for name in ("OPEN_SECONDS", "MESSAGE_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(smtp, name, 1.0)
    monkeypatch.setattr(smtp._CircuitBreaker, "open_until", float("-inf"))
    settings.EMAIL_TIMEOUT = 60


@pytest.fixture
def server(settings) -> Iterator[Callable[..., None]]:
    """server(*answers): answer each line with the next of these; None is sent byte by byte without an end."""
    over, threads = threading.Event(), []

    def begin(*answers: bytes | None) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        threads.append(threading.Thread(target=serve, args=(listening, answers)))
        threads[-1].start()

    def serve(listening: socket.socket, answers: tuple[bytes | None, ...]) -> None:
        with listening, listening.accept()[0] as wire, wire.makefile("rb") as lines:
            for answer in answers:
                if answer is None:
                    while not over.wait(0.1):
                        try:
                            wire.send(b"2")
                        except OSError:
                            return
                    return
                wire.sendall(answer)
                lines.readline()

    yield begin
    over.set()
    for thread in threads:
        thread.join(60)


# The test would hang if a limit on each read were all: every byte comes in time.
@pytest.mark.timeout(60)
def test_a_greeting_that_trickles_in_for_ever_is_not_waited_for(server):
    server(None)
    with pytest.raises(OSError, match="timed out"):
        smtp.EmailBackend().open()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("before", [[], [b"250 a\r\n"], [b"250 a\r\n", b"250 b\r\n"]])
def test_a_mail_whose_answers_trickle_in_is_not_waited_for(server, before):
    server(b"220 here\r\n", b"250 hello\r\n", *before, None)
    connection = smtp.EmailBackend()
    connection.open()
    with pytest.raises(OSError, match="timed out"):
        connection.send_messages([MAIL])
    connection.close()


def test_a_server_that_is_away_is_asked_once_and_then_left_alone_for_a_while(settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        smtp.EmailBackend().open()
    with pytest.raises(ConnectionError, match="a moment ago"):
        smtp.EmailBackend().open()
