"""The checks before the start, and their messages."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import run
from demo import checks, foreground, ports
from demo.checks import StartError
from demo.folders import Folders

RUN = Path(__file__).resolve().parents[1] / "run.py"


def run_demo(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RUN)],
        env={**os.environ, "DEMO_FOLDER": str(tmp_path / "var"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_names_its_holder_and_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = run_demo(tmp_path, PORT=str(port))
    assert answer.returncode == 1
    assert f"Port {port} is taken by " in answer.stderr
    assert f"(pid {os.getpid()})" in answer.stderr
    assert f"PORT={port + 10} make demo" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    answer = run_demo(tmp_path, PORT=port)
    assert answer.returncode == 1
    assert "PORT must be a number" in answer.stderr


def test_a_second_run_on_the_same_data_is_refused(tmp_path: Path, free_port: Callable[[], int]) -> None:
    folders = Folders(tmp_path / "var")
    folders.create()
    with checks.lock(folders):
        answer = run_demo(tmp_path, PORT=str(free_port()))
    assert answer.returncode == 1
    assert f"kill {os.getpid()}" in answer.stderr


def test_a_lock_goes_with_its_holder(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.create()
    checks.lock(folders).close()
    checks.lock(folders).close()


def test_a_tree_half_installed_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checks, "REQUIRED", ("json", "no_such_package"))
    monkeypatch.setattr(checks, "find_redis", lambda: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(StartError) as refused:
        checks.require_installed()
    assert str(refused.value) == "Not installed: no_such_package, caddy, redis-server.\nRun: make demo"


def test_by_default_only_this_machine_is_let_in() -> None:
    gateway = ports.gateway_address({})
    assert gateway.port == 8000
    assert gateway.public_url == "http://localhost:8000"
    assert set(gateway.bind) <= {"127.0.0.1", "[::1]"}
    assert gateway.hosts == ("localhost", "127.0.0.1")


def test_a_phone_is_given_an_address_it_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "addresses", lambda: ["192.168.0.7", "10.0.0.2"])
    gateway = ports.gateway_address({"BIND": "0.0.0.0", "PORT": "8010"})
    assert gateway.public_url == "http://192.168.0.7:8010"
    assert {"localhost", "127.0.0.1", "192.168.0.7", "10.0.0.2"} <= set(gateway.hosts)
    assert gateway.bind == ("0.0.0.0",)


def test_an_address_of_ones_own_is_taken_and_its_host_let_in() -> None:
    gateway = ports.gateway_address({"PUBLIC_URL": "https://demo.example/"})
    assert gateway.public_url == "https://demo.example"
    assert "demo.example" in gateway.hosts


@pytest.mark.parametrize("url", ["demo.example", "ftp://demo.example", "http://demo.example/path"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(StartError, match="PUBLIC_URL must look like"):
        ports.gateway_address({"PUBLIC_URL": url})


def test_a_reserved_port_is_left_to_the_server_that_shares_it() -> None:
    with ports.reserve_port() as held:
        address = held.getsockname()
        assert not ports.is_free(address[1])
        with pytest.raises(OSError, match="in use"), socket.create_server(address):
            pass
        with socket.create_server(address, reuse_port=True) as server, socket.create_connection(address):
            server.settimeout(20)
            server.accept()[0].close()
    assert ports.is_free(address[1])


def test_the_gateways_port_is_held_until_its_server_listens_and_given_to_no_other_demo(
    free_port: Callable[[], int],
) -> None:
    gateway = ports.gateway_address({"PORT": str(free_port())})
    held = ports.reserve_gateway_port(gateway)
    with pytest.raises(StartError, match=f"Port {gateway.port} is taken"):
        ports.reserve_gateway_port(gateway)
    with socket.create_server(("127.0.0.1", gateway.port), reuse_port=True):
        pass
    for holder in held:
        holder.close()
    for holder in ports.reserve_gateway_port(gateway):
        holder.close()


@pytest.mark.parametrize("name", ["100%", "my #1", 'a"b', "a;b"])
def test_a_path_that_supervisord_cannot_read_is_refused(tmp_path: Path, name: str) -> None:
    answer = run_demo(tmp_path / name)
    assert answer.returncode == 1
    assert "Move the tree" in answer.stderr


def test_a_full_disk_is_said_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill(_started_at: float) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "var/run/status.json")

    monkeypatch.setattr(foreground, "run", fill)
    assert run.main() == 1
    assert "The disk is full" in capsys.readouterr().err
