"""What a real process says of a database that it cannot use, and whether its connection is encrypted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

on_mysql = pytest.mark.skipif("DATABASE_HOST" not in os.environ, reason="`make test-mysql` names a MySQL")
ENDS = 150
pytestmark = pytest.mark.timeout(200)


def entry(*words: str, **settings: str) -> subprocess.Popen[str]:
    """A process of a service with these settings instead of the run's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_PATH")}
    return subprocess.Popen(
        [sys.executable, "-m", "chassis.entrypoint", *words],
        cwd=Path(__file__).parents[1],
        env={**kept, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_PASSWORD": "none", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(*words: str, **settings: str) -> str:
    """What such a process says until it ends, which it does by itself and as one that failed."""
    process = entry(*words, **settings)
    try:
        out, _ = process.communicate(timeout=ENDS)
    finally:
        process.kill()
    assert process.returncode != 0, out
    assert "Traceback" not in out, out
    return out


@pytest.fixture
def certificate(tmp_path: Path) -> str:
    """The path of a file that holds no certificate."""
    file = tmp_path / "ca.pem"
    file.write_text("no certificate\n")
    return str(file)


MYSQL = {"DATABASE_HOST": "mysql.invalid", "DATABASE_NAME": "study", "DATABASE_USER": "study"}


@pytest.mark.parametrize("role", ["relay", "migrate", "check"])
def test_no_process_starts_with_a_port_that_there_is_not(role: str) -> None:
    out = said(role, **MYSQL, DATABASE_PORT="99999")
    assert "DATABASE_PORT must be a port from 1 to 65535, not '99999'" in out


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"DATABASE_SSL_MODE": "on"}, "DATABASE_SSL_MODE must be one of disabled, preferred, required, "),
        ({"DATABASE_SSL_MODE": "PREFERRED"}, "DATABASE_SSL_MODE must be one of"),
        ({"DATABASE_SSL_CA": "/no/ca.pem"}, "DATABASE_SSL_CA: no certificates in /no/ca.pem: No such file"),
        ({"DATABASE_SSL_CA_FILE": "/no/ca.pem"}, "DATABASE_SSL_CA: no certificates in /no/ca.pem"),
        ({"DATABASE_SSL_CERT": "/no/crt"}, "DATABASE_SSL_CERT and DATABASE_SSL_KEY belong together"),
        ({"DATABASE_SSL_CERT": "/no/crt", "DATABASE_SSL_KEY": "/no/key"}, "no certificate in /no/crt"),
        ({"BROKER_SSL_CA": "/no/ca.pem"}, "BROKER_SSL_CA: no certificates in /no/ca.pem: No such file"),
        ({"BROKER_URL": "rediss://user:word@redis:99999/0"}, "BROKER_URL is no URL: Port out of range"),
        ({"USERS_URL": "http://users:99999"}, "USERS_URL is no URL: Port out of range"),
        ({"PUBLIC_URL": "https://club.example:99999"}, "PUBLIC_URL is no URL: Port out of range"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_starts(settings: dict[str, str], words: str) -> None:
    out = said("check", **{**MYSQL, **settings})
    assert words in out
    assert "user:word" not in out


def test_a_file_without_certificates_is_refused(certificate: str) -> None:
    assert f"no certificates in {certificate}" in said("check", **MYSQL, DATABASE_SSL_CA=certificate)


def test_a_ca_is_not_given_to_a_mode_that_does_not_verify(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-days", "2",
         "-keyout", os.devnull, "-out", str(ca)],
        check=True, capture_output=True,
    )  # fmt: skip
    out = said("check", **MYSQL, DATABASE_SSL_CA=str(ca), DATABASE_SSL_MODE="required")
    assert "DATABASE_SSL_CA is for DATABASE_SSL_MODE=verify_identity, not required" in out


@pytest.fixture
def stranger() -> Iterator[dict[str, str]]:
    """A user of MySQL who may read the run's database, and another database that they may not see."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    name, hidden, password = f"u{uuid.uuid4().hex[:12]}", f"d{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
    statements = [
        f"CREATE DATABASE {hidden}",
        f"CREATE USER '{name}'@'%' IDENTIFIED BY '{password}'",
        f"GRANT SELECT ON `{database['NAME']}`.* TO '{name}'@'%'",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        yield {
            "DATABASE_NAME": str(database["NAME"]),
            "DATABASE_USER": name,
            "DATABASE_PASSWORD": password,
            "hidden": hidden,
        }
        cursor.execute(f"DROP USER '{name}'@'%'")
        cursor.execute(f"DROP DATABASE {hidden}")


@on_mysql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("words", [("migrate",), ("migrate", "--wait", "300")])
@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"DATABASE_PASSWORD": "wrong"}, "Correct DATABASE_USER and DATABASE_PASSWORD"),
        ({"DATABASE_NAME": "nowhere"}, "Grant the user DATABASE_USER all rights"),
        ({"DATABASE_NAME": "hidden"}, "Grant the user DATABASE_USER all rights"),
        (
            {"DATABASE_NAME": "nowhere", "DATABASE_USER": "root"},
            "Create the database, or correct DATABASE_NAME",
        ),
    ],
)
def test_what_waiting_does_not_change_ends_the_wait(
    words: tuple[str, ...], changes: dict[str, str], advice: str, stranger: dict[str, str]
) -> None:
    hidden = stranger.pop("hidden")
    given = {**stranger, **changes}
    if given["DATABASE_NAME"] == "hidden":
        given["DATABASE_NAME"] = hidden
    if given["DATABASE_USER"] == "root":
        given |= {name: os.environ[name] for name in ("DATABASE_USER", "DATABASE_PASSWORD")}
    assert advice in said(*words, **given)


@on_mysql
@pytest.mark.django_db(transaction=True)
def test_who_may_not_migrate_is_told_which_rights_are_missing(stranger: dict[str, str]) -> None:
    del stranger["hidden"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'events'")
    try:
        out = said("migrate", **stranger)
    finally:
        from django.core.management import call_command

        call_command("migrate", fake=True, verbosity=0)
    assert "Grant the user DATABASE_USER all rights on the database DATABASE_NAME" in out


@on_mysql
def test_a_database_that_is_away_is_waited_for_and_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = str(server.getsockname()[1])
    away = {**MYSQL, "DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": free}
    process = entry("migrate", **away)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate(timeout=ENDS)
    assert "migrate_waits" in line
    assert "the database, which does not answer: (2003, " in line
    assert "Gave up waiting for the database, which does not answer" in said("migrate", "--wait", "1", **away)


@on_mysql
@pytest.mark.django_db
def test_a_connection_is_encrypted_unless_told_otherwise() -> None:
    """With the client library of this system: `make test-images` asks the images'."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        assert cursor.fetchone()[1]
