"""One run of the demo, from the checks to the last process's end."""

from __future__ import annotations

import os

from demo import checks
from demo.conductor import Conductor
from demo.folders import SERVICES, Folders
from demo.keys import Keys
from demo.lines import Log
from demo.ports import pick
from demo.processes import Door, Installation, Ports, processes
from demo.progress import Progress
from demo.redis import find_server, redis
from demo.stamps import unprepared

# What the demo takes over from the shell. Settings that lie about there must not change what it runs on.
KEPT = {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "TERM", "USER", "DEBUG", "SCHEDULE_SCALE"}
KEPT_BY_START = (
    "DEMO_",
    "WEB_",
    "LC_",
    "GITHUB_",
    "RELAY_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_",
)


def run(began: float) -> None:
    """Start everything, return when all of it has ended. Refused says why it could not start."""
    os.umask(0o077)
    folders = Folders.of_this_run()
    door = checks.door(os.environ)
    folders.make()
    with checks.lock(folders):
        checks.port_is_free(door)
        _forget_the_shell()
        here = _installation(folders, door)
        listed = processes(here, unprepared=unprepared(folders))
        log = Log(["demo", *(process.name for process in listed)])
        progress = Progress(folders, door, log, began)
        Conductor(listed, folders, log=log, audience=progress).conduct()
        progress.ended()


def _installation(folders: Folders, door: Door) -> Installation:
    keys = Keys(folders.secrets)
    taken = {door.port}
    ports = Ports(
        **{service: pick(door.port + 1 + number, taken) for number, service in enumerate(SERVICES)},
        smtp=pick(door.port + 25, taken),
        mail_page=pick(door.port + 26, taken),
    )
    queue = redis(str(find_server()), folders, keys, pick(door.port + 27, taken))
    (folders.run / "redis.conf").write_text(queue.configuration(folders.run), encoding="utf-8")
    return Installation(folders, keys, ports, door, queue)


def _forget_the_shell() -> None:
    for name in list(os.environ):
        if name not in KEPT and not name.upper().startswith(KEPT_BY_START):
            del os.environ[name]
    os.environ["PYTHONUNBUFFERED"] = "1"
    # Who tries this as root knows it; no comma may stand in it.
    os.environ["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser"
    # With an arena for every thread, glibc would keep far more memory than is used.
    os.environ["MALLOC_ARENA_MAX"] = "2"
