"""The images: small, hardened, the same for every role, and quick to rebuild."""

from __future__ import annotations

import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker_engine import ROOT, docker, inspect, require_docker, until

from images.container_options import HARDENED, PASSWORD, SERVICES, settings

require_docker()

MAX_BYTES = 250_000_000
TRIAL = "seodang-study:e2e"
PROCESSES = ("web", "worker", "relay", "beat")


@pytest.fixture(scope="session")
def network() -> Iterator[str]:
    """Create a network with an empty MySQL and a Redis."""
    name = f"seodang-images-{uuid.uuid4().hex[:6]}"
    docker("network", "create", name)
    try:
        docker("run", "-d", "--name", f"{name}-mysql", "--network", name, "--network-alias", "mysql",
               "--tmpfs", "/var/lib/mysql", "-e", f"MYSQL_ROOT_PASSWORD={PASSWORD}", "mysql:9.7",
               "--character-set-server=utf8mb4", "--collation-server=utf8mb4_0900_bin")  # fmt: skip
        docker("run", "-d", "--name", f"{name}-redis", "--network", name, "--network-alias", "redis",
               "redis:8", "redis-server", "--save", "", "--protected-mode", "no")  # fmt: skip
        create = "; ".join(f"CREATE DATABASE {service}" for service in SERVICES)
        sql = ["exec", "-e", f"MYSQL_PWD={PASSWORD}", f"{name}-mysql", "mysql", "-h127.0.0.1", "-uroot", "-e"]
        until(lambda: docker(*sql, "SELECT 1"), "MySQL", seconds=120)
        docker(*sql, create)
        yield name
    finally:
        for container in docker("ps", "-aq", "--filter", f"network={name}").split():
            docker("rm", "-f", "-v", container)
        docker("network", "rm", name)


def python(image: str, code: str) -> str:
    """Run Python code in a hardened container; return its output."""
    return docker("run", "--rm", *HARDENED, "--entrypoint", "python", image, "-c", code)


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_is_small(images: dict[str, str], service: str) -> None:
    size = inspect(images[service])["Size"]
    print(f"\n{images[service]}: {size / 1e6:.0f} MB (at most {MAX_BYTES / 1e6:.0f})")
    assert size <= MAX_BYTES


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_installed_lies_below_the_code(images: dict[str, str], service: str) -> None:
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", images[service]).splitlines()
    copies = [line for line in history if line.startswith("COPY")]
    # The newest layer comes first.
    assert ["/app" in copies[0], "/opt/venv" in copies[1]] == [True, True], copies


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_is_owned_by_root(images: dict[str, str], service: str) -> None:
    config = inspect(images[service])["Config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["/opt/venv/bin/python", "-m", "chassis.entrypoint"]
    assert {"title", "version", "revision", "licenses"} <= {
        label.removeprefix("org.opencontainers.image.") for label in config["Labels"]
    }
    code = (
        "import os, pathlib, shutil;"
        "code = pathlib.Path('/app').rglob('*');"
        "print([str(path) for path in code if os.stat(path).st_uid or os.access(path, os.W_OK)],"
        "[tool for tool in ('gcc', 'cc', 'uv', 'make') if shutil.which(tool)])"
    )
    assert python(images[service], code) == "[] []"


@pytest.mark.parametrize("service", SERVICES)
def test_every_role_runs_hardened(images: dict[str, str], network: str, service: str) -> None:
    """With --read-only, without capabilities, as a numeric user."""
    image, given = images[service], settings(service)
    waits = docker("run", "-d", "--network", network, *HARDENED, *given, image, "migrate", "--wait", "120")
    docker("run", "--rm", "--network", network, *HARDENED, *given, image, "migrate", timeout=180)
    assert docker("wait", waits, timeout=60) == "0", docker("logs", waits)
    found = docker("run", "--rm", "--network", network, *HARDENED, *given, image, "check")
    assert "no issues" in found, found
    running = {
        role: docker("run", "-d", "--network", network, *HARDENED, *given, image, role) for role in PROCESSES
    }
    for role, container in running.items():
        until(lambda: is_healthy(role, container), f"{service} {role}", seconds=60)  # noqa: B023 - asked at once
    answer = "import urllib.request as u; print(u.urlopen('http://localhost:9000/metrics').read().decode())"
    for container in running.values():
        assert "seodang_oldest_open_event_seconds 0.0" in docker("exec", container, "python", "-c", answer)
    for role, container in running.items():
        docker("stop", "--time", "40", container)
        state: dict[str, Any] = inspect(container)["State"]
        assert state["ExitCode"] == 0, f"{role} ended with {state}: {docker('logs', container)[-2000:]}"


@pytest.mark.parametrize("role", ["web", "worker", "relay", "beat"])
def test_a_container_stopped_during_its_start_stops(images: dict[str, str], network: str, role: str) -> None:
    """The kernel sends a container's first process only signals that it handles."""
    for after in (0.0, 0.4, 1.0):
        run = ("run", "-d", "--network", network, *HARDENED, *settings("study"), images["study"], role)
        container = docker(*run)
        until(
            lambda: handles_signal(signal.SIGTERM, container),  # noqa: B023 - asked at once
            "it handles SIGTERM",
            seconds=20,
            every=0.05,
        )
        time.sleep(after)
        docker("stop", "--time", "20", container)
        code = inspect(container)["State"]["ExitCode"]
        assert code in {0, 143}, f"{after} s after it asked: {code}, {docker('logs', container)[-2000:]}"


def handles_signal(number: signal.Signals, container: str) -> bool:
    """Return True if the first process of a container handles a signal."""
    caught = docker("top", container, "-o", "pid,caught").split()[-1]
    return bool(int(caught, 16) >> (number - 1) & 1)


def is_healthy(role: str, container: str) -> bool:
    """Probe a container as an orchestrator does."""
    assert inspect(container)["State"]["Running"], docker("logs", container)[-3000:]
    url = "http://localhost:8000/healthz/ready" if role == "web" else "http://localhost:9000/healthz"
    ask = f"import urllib.request as u; print(u.urlopen('{url}').status)"
    return docker("exec", container, "python", "-c", ask) == "200"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "change-me", "SECRET_KEY is too weak"),
        ("PUBLIC_URL", "club.example", "PUBLIC_URL must look like"),
        ("DATABASE_PORT", "99999", "DATABASE_PORT must be a port from 1 to 65535"),
        ("METRICS", "99999", "METRICS_PORT must be a port from 1 to 65535"),
        ("DATABASE_SSL_MODE", "on", "DATABASE_SSL_MODE must be one of disabled, preferred"),
        ("DATABASE_SSL_CA", "/no/ca.pem", "DATABASE_SSL_CA: no certificates in /no/ca.pem"),
        ("BROKER_SSL_CA", "/no/ca.pem", "BROKER_SSL_CA: no certificates in /no/ca.pem"),
        ("BROKER_URL_USERS", "rediss://redis:99999/0", "BROKER_URL_USERS is no URL"),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(
    images: dict[str, str], name: str, value: str, said: str
) -> None:
    wrong = settings("study", **{name: value})
    for role in ("check", "web", "worker"):
        done = docker("run", "--rm", *HARDENED, *wrong, images["study"], role, check=False)
        assert said in done
        assert "Traceback" not in done, done


def test_a_change_of_code_installs_nothing_anew(images: dict[str, str], tmp_path: Path) -> None:
    for part in ("services", "requirements", "tools", "deploy/demo"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", ".env"))
    shutil.copy(ROOT / ".dockerignore", tmp_path)
    build = [
        "build",
        "--progress",
        "plain",
        "-f",
        "services/study/Dockerfile",
        "-t",
        "seodang-study:e2e",
        ".",
    ]
    docker(*build, cwd=tmp_path)
    with (tmp_path / "services/study/study/urls.py").open("a") as code:
        code.write("# a change\n")
    began = time.monotonic()
    log = docker(*build, cwd=tmp_path)
    print(f"\na build after a change of code: {time.monotonic() - began:.1f} s")
    docker("image", "rm", TRIAL)
    lines = log.splitlines()
    installs = [
        line.split()[0] for line in lines if "] RUN" in line and ("uv pip" in line or "apt-get" in line)
    ]
    assert len(installs) >= 4, log
    assert all(f"{step} CACHED" in lines for step in installs), log
