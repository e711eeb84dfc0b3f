"""The demo's installation: secrets, fingerprints, Redis' configuration, the list of processes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from demo import accounts
from demo import redis as queue
from demo.fingerprints import save_fingerprint, unprepared
from demo.folders import SERVICES, Folders
from demo.keys import Keys, field_key, password
from demo.processes import ExitProbe, GatewayAddress, Installation, Ports, processes
from demo.start_order import StartOrder

PORTS = Ports(users=8001, study=8002, notification=8003, smtp=8025, mail_page=8026)
PREPARE = "notification-prepare"
ADDRESS = GatewayAddress(8000, ("127.0.0.1",), ("localhost",), "http://localhost:8000")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    folders = Folders(tmp_path / "var")
    folders.create()
    keys = Keys(folders.secrets)
    return Installation(folders, keys, PORTS, ADDRESS, queue.redis("redis-server", folders, keys, 8027))


def run_on_old_database(installation: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program as notification's prepare process, on a database with a table of before 0.2.0."""
    (prepare,) = (p for p in processes(installation, unprepared=frozenset(SERVICES)) if p.name == PREPARE)
    database = installation.folders.database("notification")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE events_outgoing (id INTEGER)")
    environment = {**os.environ, **prepare.environment, "DEMO_FOLDER": str(installation.folders.var)}
    command = (sys.executable, *words) if words else prepare.command
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)


def tables(database: Path) -> set[str]:
    """Return the names of the tables of an SQLite file."""
    with closing(sqlite3.connect(database)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_database_of_an_older_version_is_kept_beside_a_new_one(installation: Installation) -> None:
    done = run_on_old_database(installation)
    assert done.returncode == 0, done.stderr
    assert "kept as before-0.2-notification.sqlite3" in done.stdout
    data = installation.folders.database("notification")
    assert tables(data.with_name(f"before-0.2-{data.name}")) == {"events_outgoing"}
    assert "events_outboxevent" in tables(data)


def test_migrate_refuses_a_database_of_an_older_version(installation: Installation) -> None:
    done = run_on_old_database(installation, "-m", "chassis.entrypoint", "migrate")
    assert done.returncode != 0
    assert "Make the installation anew" in done.stderr
    assert tables(installation.folders.database("notification")) == {"events_outgoing"}


def test_a_secret_is_made_once_and_read_by_its_owner_alone(installation: Installation) -> None:
    file = installation.keys.file("a")
    first = installation.keys.text("a")
    assert len(first) >= 32
    assert installation.keys.text("a") == first != installation.keys.text("b")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(installation.folders.var.stat().st_mode) == 0o700


def test_no_secret_stands_in_a_command_or_in_the_environment(installation: Installation) -> None:
    listed = processes(installation, unprepared=frozenset(SERVICES))
    shown = " ".join([*(" ".join(p.command) for p in listed), *(str(dict(p.environment)) for p in listed)])
    for file in installation.folders.secrets.iterdir():
        assert file.read_text().strip() not in shown


def test_services_share_no_key_but_know_each_others_callers(installation: Installation) -> None:
    processes(installation, unprepared=frozenset())
    keys = [installation.keys.text(f"{service}-secret-key") for service in SERVICES]
    assert len(set(keys)) == 3
    study, notification = (
        installation.keys.text("study-service-secret"),
        installation.keys.text("notification-service-secret"),
    )
    assert installation.keys.text("users-service-secrets") == f"study:{study},notification:{notification}"


def test_keys_and_passwords_have_their_forms() -> None:
    Fernet(field_key().encode())
    assert len(password()) == 14
    assert password() != password()


def test_everything_starts_in_the_end_and_webs_before_workers(installation: Installation) -> None:
    listed = processes(installation, unprepared=frozenset(SERVICES))
    start = StartOrder(listed, max_parallel=2)
    order: list[str] = []
    while waiting := start.next():
        assert sum(not process.light for process in waiting) <= 2
        for process in waiting:
            order.append(process.name)
            start.mark_ready(process.name)
    assert start.all_ready
    assert {*order[:3]} == {"redis", "mail", "gateway"}
    last_web = max(order.index(f"{service}-web") for service in SERVICES)
    assert last_web < min(order.index(f"{service}-worker") for service in SERVICES)


def test_what_is_prepared_already_has_no_job(installation: Installation) -> None:
    names = {process.name for process in processes(installation, unprepared=frozenset({"study"}))}
    assert "study-prepare" in names
    assert "users-prepare" not in names
    assert (
        len([p for p in processes(installation, unprepared=frozenset()) if isinstance(p.probe, ExitProbe)])
        == 0
    )


def test_only_what_waits_for_the_failed_one_is_blocked(installation: Installation) -> None:
    start = StartOrder(processes(installation, unprepared=frozenset(SERVICES)), max_parallel=2)
    start.mark_failed("study-prepare")
    assert start.blocked_by("study-prepare") == ["study-web", "study-worker", "study-relay"]


def test_a_new_migration_or_stylesheet_asks_for_preparing(tmp_path: Path) -> None:
    root, folders = tmp_path / "tree", Folders(tmp_path / "var")
    folders.create()
    migrations = root / "services/study/study/cohorts/migrations"
    stylesheet = root / "services/look/look/static/look/seodang.css"
    for folder in (migrations, stylesheet.parent):
        folder.mkdir(parents=True)
    (migrations / "0001_initial.py").write_text("1")
    stylesheet.write_text("1")
    assert unprepared(folders, root) == {*SERVICES}
    for service in SERVICES:
        save_fingerprint(service, folders, root)
        folders.database(service).touch()
        folders.static(service).mkdir(parents=True)
    assert unprepared(folders, root) == set()
    (migrations / "0002_more.py").write_text("2")
    assert unprepared(folders, root) == {"study"}
    stylesheet.write_text("2")
    assert unprepared(folders, root) == {*SERVICES}
    save_fingerprint("users", folders, root)
    assert unprepared(folders, root) == {"study", "notification"}
    folders.database("users").unlink()
    assert "users" in unprepared(folders, root)


def test_redis_listens_on_a_private_socket(installation: Installation) -> None:
    assert installation.redis.url == f"redis+socket://{installation.folders.run}/redis.sock"
    text = installation.redis.configuration(installation.folders.run)
    assert "port 0" in text
    assert 'save ""' in text


def test_where_the_path_is_too_long_for_a_socket_there_is_a_password(tmp_path: Path) -> None:
    folders = Folders(tmp_path / ("long" * 30))
    folders.create()
    keys = Keys(folders.secrets)
    found = queue.redis("redis-server", folders, keys, 8027)
    assert found.url == f"redis://:{keys.text('redis-password')}@127.0.0.1:8027/0"
    assert f"requirepass {keys.text('redis-password')}" in found.configuration(folders.run)


def test_the_wheel_has_a_server_for_machines_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    server = queue.find_server()
    assert server
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True)
    assert "v=" in said.stdout
    assert Path(server).is_relative_to(sys.prefix)


def test_the_demos_accounts_are_told_and_have_a_password_of_this_installation(tmp_path: Path) -> None:
    first, second = Folders(tmp_path / "a"), Folders(tmp_path / "b")
    first.create()
    second.create()
    assert accounts.load_accounts(first) == []
    accounts.save_accounts([("operator", "operator@club.example")], first)
    assert accounts.load_accounts(first) == [{"role": "operator", "email": "operator@club.example"}]
    assert accounts.demo_password(first) == accounts.demo_password(first) != accounts.demo_password(second)
