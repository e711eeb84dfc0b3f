"""The demo's installation: secrets, fingerprints, Redis' configuration, the list of processes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from demo.checks import find_redis
from demo.fingerprints import is_prepared, save_fingerprint
from demo.folders import ROOT, SERVICES, Folders
from demo.installation import PORTS, Installation
from demo.keys import create_secrets, demo_password, password, read_secret
from demo.ports import GatewayAddress
from demo.progress import Progress
from demo.service import settings
from supervisor.datatypes import RestartUnconditionally
from supervisor.options import ServerOptions

ADDRESS = GatewayAddress(8000, ("127.0.0.1",), ("localhost",), "http://localhost:8000")


def install(var: Path) -> Installation:
    folders = Folders(var)
    folders.create()
    create_secrets(folders)
    ports = {name: 8001 + number for number, name in enumerate(PORTS)}
    return Installation(folders, ADDRESS, ports, folders.run / "redis.sock")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return install(tmp_path / "var")


def read_configuration(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return supervisord's groups and processes by name, as it reads them in the demo's environment."""
    for name, value in installation.environment().items():
        monkeypatch.setenv(name, value)
    options = ServerOptions()
    options.realize(["-c", str(installation.configuration)])
    groups = options.process_group_configs
    processes = {process.name: process for group in groups for process in group.process_configs}
    return {group.name: group for group in groups}, processes


def run_on_old_database(
    installation: Installation, *words: str, table: str = "events_outgoing"
) -> subprocess.CompletedProcess[str]:
    """Run a program as notification, by default its preparation, on a database of before 0.2.0."""
    database = installation.folders.database("notification")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"CREATE TABLE {table} (id INTEGER)")
    environment = {**os.environ, **installation.environment()}
    if words:
        environment |= settings("notification", installation.folders)
    command = (sys.executable, *(words or ("-m", "demo.service", "notification", "prepare")))
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)


def tables(database: Path) -> set[str]:
    """Return the names of the tables of an SQLite file."""
    with closing(sqlite3.connect(database)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.mark.parametrize("table", ["events_outgoing", "events_outboxevent"])
def test_a_database_of_an_older_version_is_kept_beside_a_new_one(
    installation: Installation, table: str
) -> None:
    done = run_on_old_database(installation, table=table)
    assert done.returncode == 0, done.stderr
    assert "kept as before-0.2-notification.sqlite3" in done.stdout
    data = installation.folders.database("notification")
    assert tables(data.with_name(f"before-0.2-{data.name}")) == {table}
    assert "events_outboxevent" in tables(data)


def test_migrate_refuses_a_database_of_an_older_version(installation: Installation) -> None:
    done = run_on_old_database(installation, "-m", "chassis.entrypoint", "migrate")
    assert done.returncode != 0
    assert "Make the installation anew" in done.stderr
    assert tables(installation.folders.database("notification")) == {"events_outgoing"}


def test_a_secret_is_made_once_and_read_by_its_owner_alone(installation: Installation) -> None:
    folder = installation.folders.secrets
    first = read_secret(folder / "a")
    assert len(first) >= 32
    assert read_secret(folder / "a") == first != read_secret(folder / "b")
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o600
    assert stat.S_IMODE(installation.folders.var.stat().st_mode) == 0o700


def test_no_secret_stands_in_a_command_or_in_the_environment(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, processes = read_configuration(installation, monkeypatch)
    shown = str(installation.environment()) + str([vars(process) for process in processes.values()])
    shown += str([settings(service, installation.folders) for service in SERVICES])
    files = list(installation.folders.secrets.iterdir())
    assert files
    for file in files:
        assert file.read_text().strip() not in shown


def test_services_share_no_key_but_know_each_others_callers(installation: Installation) -> None:
    folder = installation.folders.secrets
    assert len({(folder / f"{service}-secret-key").read_text() for service in SERVICES}) == 3
    assert len({(folder / f"{service}-field-key").read_text() for service in SERVICES}) == 3
    study, notification = (
        read_secret(folder / "study-service-secret"),
        read_secret(folder / "notification-service-secret"),
    )
    assert read_secret(folder / "users-service-secrets") == f"study:{study},notification:{notification}"


def test_keys_and_passwords_have_their_forms() -> None:
    assert len(password()) == 14
    assert password() != password()


def test_supervisord_starts_every_process_again_and_stops_redis_last(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups, processes = read_configuration(installation, monkeypatch)
    roles = {f"{service}-{role}" for service in SERVICES for role in ("web", "worker", "relay")}
    assert set(processes) == {"redis", "mail", "gateway", *roles} == set(installation.programs())
    assert {process.autorestart for process in processes.values()} == {RestartUnconditionally}
    assert groups["product"].priority > groups["foundation"].priority
    assert {process.name for process in groups["foundation"].process_configs} == {"redis", "mail"}
    assert len(groups) == 2


def test_supervisord_reads_a_korean_path_with_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = install(tmp_path / "가 나" / "var")
    folders = installation.folders
    _, processes = read_configuration(installation, monkeypatch)
    for name, process in processes.items():
        assert process.stdout_logfile == str(folders.log / f"{name}.log")
    assert shlex.split(processes["mail"].command)[-2:] == ["--folder", str(folders.mail)]
    assert processes["gateway"].environment["XDG_DATA_HOME"] == str(folders.gateway)
    for name in ("GATEWAY_PAGES", "GATEWAY_STYLES", "GATEWAY_EXTRA"):
        assert Path(processes["gateway"].environment[name]).resolve().is_relative_to(ROOT)
        assert Path(processes["gateway"].environment[name]).exists()


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


def test_redis_listens_on_a_private_socket(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, processes = read_configuration(installation, monkeypatch)
    words = shlex.split(processes["redis"].command)
    assert words[0] == find_redis()
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--unixsocket"] == str(installation.socket)
    assert options["--unixsocketperm"] == "700"
    assert options["--port"] == "0"
    assert options["--save"] == ""
    assert options["--dir"] == str(installation.folders.run)


def test_the_wheel_has_a_server_for_machines_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    server = find_redis()
    assert server
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True)
    assert "v=" in said.stdout
    assert Path(server).is_relative_to(sys.prefix)


def test_the_demos_accounts_are_told_and_have_a_password_of_this_installation(
    installation: Installation, tmp_path: Path
) -> None:
    folders = installation.folders
    progress = Progress(installation, [], 0)
    assert demo_password(folders) not in progress._banner()
    folders.accounts.write_text('[{"role": "operator", "email": "operator@club.example"}]')
    [line] = [line for line in progress._banner().splitlines() if "operator@club.example" in line]
    assert line.split() == ["operator", "operator@club.example", demo_password(folders)]
    assert demo_password(folders) != demo_password(install(tmp_path / "other").folders)


def test_the_link_to_the_set_up_is_printed(installation: Installation) -> None:
    progress = Progress(installation, ["users-web"], 0)
    link = "http://localhost:8000/accounts/setup/?code=A-B"
    line = json.dumps({"visit": link, "event": "nobody_owns_this_installation"})
    assert "accounts/setup" not in progress._banner()

    with (installation.folders.log / "users-web.log").open("a") as log:
        log.write(f"{line}\n")
        # The page of the set-up says so too, without the link.
        log.write('{"event": "nobody_owns_this_installation"}\n')
    progress.update()

    [where, next_step] = progress._banner().split("Set it up at")[1].splitlines()[:2]
    assert where.strip() == link
    assert "open a cohort" in next_step


def test_an_empty_installation_with_an_owner_says_where_to_sign_in(installation: Installation) -> None:
    banner = Progress(installation, [], 0)._banner()

    assert "http://localhost:8000/accounts/login/" in banner
    assert "try first" not in banner


def test_the_sample_data_says_what_to_try_first_in_each_role(installation: Installation) -> None:
    roles = ("operator", "mentor", "member")
    shown = [{"role": role, "email": f"{role}@club.example"} for role in roles]
    installation.folders.accounts.write_text(json.dumps(shown))

    banner = Progress(installation, [], 0)._banner()

    lines = [line.split(maxsplit=2) for line in banner.split("try first\n")[1].splitlines()[:3]]
    assert [role for role, _, _ in lines] == [*roles]
    assert all(address.startswith("http://localhost:8000/") for _, address, _ in lines)
    assert all(shows for _, _, shows in lines)
    assert "accounts/setup" not in banner


def test_an_installation_without_data_has_folders_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_FOLDER", raising=False)
    monkeypatch.delenv("EMPTY", raising=False)
    assert Folders.from_environment().var == ROOT / "var"

    monkeypatch.setenv("EMPTY", "1")
    assert Folders.from_environment().var == ROOT / "var/empty"
