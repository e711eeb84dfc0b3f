"""Allowed hosts, on a real gunicorn with production settings."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the users service for https://club.example, without other allowed hosts. Return its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    folder = tmp_path_factory.mktemp("web")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    del environment["ALLOWED_HOSTS"]
    environment |= {
        "DJANGO_SETTINGS_MODULE": "users.settings",
        "PYTHONPATH": f"{HERE}:{HERE.parent / 'chassis'}",
        "PUBLIC_URL": "https://club.example",
        "DATABASE_PATH": str(folder / "db.sqlite3"),
        "LISTEN": f"127.0.0.1:{port}",
        "STATIC_ROOT": str(folder),
    }
    # Pages need the manifest that collectstatic writes.
    for command in (["-m", "django", "collectstatic", "--no-input"], ["-m", "chassis.entrypoint", "migrate"]):
        subprocess.run(
            [sys.executable, *command],
            cwd=HERE,
            env=environment,
            check=True,
            capture_output=True,
            timeout=120,
        )
    server = subprocess.Popen([sys.executable, "-m", "chassis.entrypoint", "web"], cwd=HERE, env=environment)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def ask(port: int, path: str, host: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": host, "X-Forwarded-Proto": "https", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.text = answer.read().decode()  # type: ignore[attr-defined]
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("club.example", 200),
        ("localhost", 400),
        ("127.0.0.1:8000", 400),
        ("evil.example", 400),
        ("[", 400),
        ("", 400),
    ],
)
def test_pages_answer_to_the_public_host_alone(port: int, host: str, status: int) -> None:
    assert ask(port, "/accounts/login/", host).status == status


@pytest.mark.parametrize("host", ["club.example", "localhost:8000", "10.0.0.7", "evil.example", "["])
@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
def test_a_probe_is_answered_whatever_host_it_names(port: int, path: str, host: str) -> None:
    assert ask(port, path, host).status == 200


def test_a_program_that_names_a_wrong_host_gets_a_problem(port: int) -> None:
    answer = ask(port, "/api/v1/users/me", "evil.example")

    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/api/v1/users/me?{'a' * 9000}", {}),
        ("/api/v1/users/me", {"X-Long": "a" * 9000}),
        ("/api/v1/users/me", {f"X-{n}": "a" for n in range(200)}),
    ],
)
def test_what_the_server_itself_cannot_read_is_a_problem(
    port: int, path: str, headers: dict[str, str]
) -> None:
    answer = ask(port, path, "club.example", **headers)

    assert answer.status in {400, 414, 431}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert re.search(r'"status": ?' + str(answer.status), answer.text)  # type: ignore[attr-defined]
