"""Entrypoint of every process of a service: python -m chassis.entrypoint ROLE."""

from __future__ import annotations

import os
import runpy
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    # The kernel delivers to a container's first process only signals that have a handler. Without this one, a
    # SIGTERM during the start is lost and the container is killed later. It precedes the imports, which take
    # most of the start. SystemExit would be lost, too, where it is raised in a finalizer or in a callback of
    # a weak reference; nothing has to be cleaned up yet. A shell would exit with 128 + 15.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))

from chassis import env, health

# Celery would lower everyone's log level to its own, which is WARNING. Without a concurrency, a worker would
# hold as many messages as the machine has cores, although it works at one.
WORKER = ("--loglevel=INFO", "--pool=solo", "--concurrency=1", "--without-gossip", "--without-mingle")
# The loop whose first heartbeat shows that a role has started.
LOOPS = {"worker": "consumer", "relay": "relay", "beat": "beat"}


def main(arguments: list[str]) -> None:
    """Run the role's program in this process, so that signals reach it."""
    role, *rest = arguments or [""]
    package = os.environ.get("DJANGO_SETTINGS_MODULE", "").partition(".")[0]
    # Quiet: its banner is no line of JSON.
    celery = ["celery", "--quiet", "-A", f"{package}.celery"]
    roles = {
        "web": _gunicorn(package),
        "worker": [*celery, "worker", *WORKER, "-n", f"{package}@%h"],
        "beat": [*celery, "beat", "--loglevel=INFO"],
        "relay": ["django", "relay_events"],
        "migrate": ["django", "migrate_with_lock"],
        "check": ["django", "check", "--deploy", "--database", "default", "--fail-level", "WARNING"],
    }
    if not package or role not in roles:
        raise SystemExit(
            f"usage: DJANGO_SETTINGS_MODULE=<service>.settings python -m chassis.entrypoint {'|'.join(roles)}"
        )
    # Not for a command typed beside a running process, which must not answer in its place.
    os.environ.setdefault("METRICS_PORT", os.environ.get("METRICS", ""))
    if role == "migrate":
        # A statement of a migration may take its time, and so does waiting for another process that migrates.
        os.environ.setdefault("DATABASE_TIMEOUT", "3600")
    if loop := LOOPS.get(role):
        # Before anything is set up: a role whose loop has not started yet is not well.
        health.watch(loop)
    program, *given = roles[role]
    # "-m", since a worker that is sent SIGHUP runs Python anew with just these words.
    sys.argv = [f"-m{program}", *given, *rest]
    runpy.run_module(program, run_name="__main__", alter_sys=True)


def _gunicorn(package: str) -> list[str]:
    return [
        "gunicorn",
        f"{package}.wsgi:application",
        f"--bind={env.address('LISTEN', '127.0.0.1:8001')}",
        "--worker-class=chassis.web.server.BufferingWorker",
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


if __name__ == "__main__":
    main(sys.argv[1:])
