"""The demo's installation: secrets, fingerprints, Redis' configuration, the list of processes."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import stat
import subprocess
import sys
from configparser import RawConfigParser
from contextlib import closing
from pathlib import Path

import pytest
from demo import accounts
from demo.checks import find_redis
from demo.fingerprints import is_prepared, save_fingerprint
from demo.folders import SERVICES, Folders
from demo.installation import PORTS, Installation
from demo.keys import Keys, password
from demo.ports import GatewayAddress
from supervisor.options import ServerOptions

ADDRESS = GatewayAddress(8000, ("127.0.0.1",), ("localhost",), "http://localhost:8000")


def install(var: Path) -> Installation:
    folders = Folders(var)
    folders.create()
    ports = {name: 8001 + number for number, name in enumerate(PORTS)}
    return Installation(folders, ADDRESS, ports, folders.run / "redis.sock")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return install(tmp_path / "var")


@pytest.fixture
def keys(installation: Installation) -> Keys:
    return Keys(installation.folders.secrets)


def run_on_old_database(installation: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program as notification, by default its preparation, on a database of before 0.2.0."""
    web = installation.programs()["notification-web"]
    database = installation.folders.database("notification")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE events_outgoing (id INTEGER)")
    environment = {**os.environ, **web.environment}
    command = (sys.executable, *(words or ("-m", "demo.service", "notification", "prepare")))
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


def test_a_secret_is_made_once_and_read_by_its_owner_alone(installation: Installation, keys: Keys) -> None:
    file = keys.file("a")
    first = keys.text("a")
    assert len(first) >= 32
    assert keys.text("a") == first != keys.text("b")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(installation.folders.var.stat().st_mode) == 0o700


def test_no_secret_stands_in_a_command_or_in_the_environment(installation: Installation) -> None:
    shown = str(installation.programs()) + installation.write_configuration().read_text(encoding="utf-8")
    for file in installation.folders.secrets.iterdir():
        assert file.read_text().strip() not in shown


def test_services_share_no_key_but_know_each_others_callers(installation: Installation, keys: Keys) -> None:
    installation.programs()
    assert len({keys.text(f"{service}-secret-key") for service in SERVICES}) == 3
    study, notification = (
        keys.text("study-service-secret"),
        keys.text("notification-service-secret"),
    )
    assert keys.text("users-service-secrets") == f"study:{study},notification:{notification}"


def test_keys_and_passwords_have_their_forms() -> None:
    assert len(password()) == 14
    assert password() != password()


def test_supervisord_starts_every_process_again_and_stops_redis_last(installation: Installation) -> None:
    configuration = RawConfigParser()
    assert configuration.read(installation.write_configuration())
    programs = [name for name in configuration.sections() if name.startswith("program:")]
    assert len(programs) == len(installation.programs()) == 3 + 3 * len(SERVICES)
    assert {configuration[name]["autorestart"] for name in programs} == {"true"}
    first, last = configuration["group:product"], configuration["group:foundation"]
    assert int(first["priority"]) > int(last["priority"])
    assert set(last["programs"].split(",")) == {"redis", "mail"}


def test_supervisord_reads_a_korean_path_with_spaces(tmp_path: Path) -> None:
    installation = install(tmp_path / "가 나" / "var")
    options = ServerOptions()
    options.realize(["-c", str(installation.write_configuration())])
    read = {
        program.name: program for group in options.process_group_configs for program in group.process_configs
    }
    for name, program in installation.programs().items():
        assert shlex.split(read[name].command) == list(program.command)
        assert read[name].environment == program.environment
        assert read[name].stdout_logfile == str(installation.folders.log / f"{name}.log")


def test_a_new_migration_or_stylesheet_asks_for_preparing(tmp_path: Path) -> None:
    root, folders = tmp_path / "tree", Folders(tmp_path / "var")
    folders.create()

    def unprepared() -> set[str]:
        return {service for service in SERVICES if not is_prepared(service, folders, root)}

    migrations = root / "services/study/study/cohorts/migrations"
    stylesheet = root / "services/look/look/static/look/seodang.css"
    for folder in (migrations, stylesheet.parent):
        folder.mkdir(parents=True)
    (migrations / "0001_initial.py").write_text("1")
    stylesheet.write_text("1")
    assert unprepared() == {*SERVICES}
    for service in SERVICES:
        save_fingerprint(service, folders, root)
        folders.database(service).touch()
        folders.static(service).mkdir(parents=True)
    assert unprepared() == set()
    (migrations / "0002_more.py").write_text("2")
    assert unprepared() == {"study"}
    stylesheet.write_text("2")
    assert unprepared() == {*SERVICES}
    save_fingerprint("users", folders, root)
    assert unprepared() == {"study", "notification"}
    folders.database("users").unlink()
    assert "users" in unprepared()


def test_redis_listens_on_a_private_socket(installation: Installation) -> None:
    installation.write_configuration()
    text = (installation.folders.run / "redis.conf").read_text(encoding="utf-8")
    assert f'unixsocket "{installation.socket}"' in text
    assert "port 0" in text
    assert 'save ""' in text


def test_the_wheel_has_a_server_for_machines_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    server = find_redis()
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
