"""What every process of a service starts as: python -m chassis.entry ROLE."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Celery would lower everyone's log level to its own, which is WARNING.
WORKER = ("--loglevel=INFO", "--pool=solo", "--without-gossip", "--without-mingle")
USAGE = (
    "DJANGO_SETTINGS_MODULE=<service>.settings python -m chassis.entry web|worker|relay|beat|migrate|check"
)


def main(arguments: list[str]) -> None:
    """Replace this process by the role's program, so that signals reach it."""
    role, *rest = arguments or [""]
    package = os.environ.get("DJANGO_SETTINGS_MODULE", "").partition(".")[0]
    roles = {
        "web": lambda: _gunicorn(package),
        "worker": lambda: _celery(package, "worker", *WORKER, "-n", f"{package}@%h"),
        "beat": lambda: _celery(package, "beat"),
        "relay": lambda: _manage("relay_events"),
        "migrate": lambda: _manage("migrate_alone"),
        "check": lambda: _manage("check", "--deploy", "--database", "default", "--fail-level", "WARNING"),
    }
    if not package or role not in roles:
        raise SystemExit(f"usage: {USAGE}")
    # Not for a command typed beside a running process, which must not want the same port.
    os.environ.setdefault("METRICS_PORT", os.environ.get("METRICS", ""))
    command = [sys.executable, "-m", *roles[role](), *rest]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is the point


def _gunicorn(package: str) -> list[str]:
    return [
        "gunicorn",
        f"{package}.wsgi:application",
        f"--bind={os.environ.get('LISTEN', '127.0.0.1:8001')}",
        "--worker-class=gthread",
        f"--workers={os.environ.get('WEB_WORKERS', '1')}",
        f"--threads={os.environ.get('WEB_THREADS', '4')}",
        "--timeout=30",
        "--graceful-timeout=25",
        # Longer than a proxy does (Traefik: 90 s), or it may send on what was just closed here.
        "--keep-alive=100",
        # A control socket would need a writable home, which a container does not give.
        "--no-control-socket",
        *(["--worker-tmp-dir=/dev/shm"] if Path("/dev/shm").is_dir() else []),  # noqa: S108
    ]


def _celery(package: str, *arguments: str) -> list[str]:
    # Quiet: its banner is no line of JSON.
    return ["celery", "--quiet", "-A", f"{package}.celery", *arguments]


def _manage(*arguments: str) -> list[str]:
    return ["django", *arguments]


if __name__ == "__main__":
    main(sys.argv[1:])
