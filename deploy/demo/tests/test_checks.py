"""The checks before the start, and their messages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from demo import checks
from demo.checks import StartError
from demo.folders import ROOT, Folders
from demo.processes import GatewayAddress

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
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(StartError) as refused:
        checks.require_installed(None)
    assert str(refused.value) == "Not installed: no_such_package, caddy, redis-server.\nRun: make demo"


def test_by_default_only_this_machine_is_let_in() -> None:
    gateway = checks.gateway_address({})
    assert gateway.port == 8000
    assert gateway.public_url == "http://localhost:8000"
    assert set(gateway.bind) <= {"127.0.0.1", "[::1]"}
    assert gateway.hosts == ("localhost", "127.0.0.1")


def test_a_phone_is_given_an_address_it_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "addresses", lambda: ["192.168.0.7", "10.0.0.2"])
    gateway = checks.gateway_address({"BIND": "0.0.0.0", "PORT": "8010"})
    assert gateway.public_url == "http://192.168.0.7:8010"
    assert {"localhost", "127.0.0.1", "192.168.0.7", "10.0.0.2"} <= set(gateway.hosts)
    assert gateway.bind == ("0.0.0.0",)


def test_an_address_of_ones_own_is_taken_and_its_host_let_in() -> None:
    gateway = checks.gateway_address({"PUBLIC_URL": "https://demo.example/"})
    assert gateway.public_url == "https://demo.example"
    assert "demo.example" in gateway.hosts


@pytest.mark.parametrize("url", ["demo.example", "ftp://demo.example", "http://demo.example/path"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(StartError, match="PUBLIC_URL must look like"):
        checks.gateway_address({"PUBLIC_URL": url})


def test_the_end_of_an_earlier_run_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]
) -> None:
    asked: list[int] = []

    def is_free(port: int, _address: str) -> bool:
        asked.append(port)
        return len(asked) > 2

    monkeypatch.setattr(checks, "is_free", is_free)
    monkeypatch.setattr(checks, "port_owner", lambda _port: f"caddy run --config {ROOT}/x (pid 1)")
    checks.require_free_port(GatewayAddress(free_port(), ("127.0.0.1",), (), ""))
    assert len(asked) == 3
