"""One run of the demo, from the checks to the end of the last process."""

from __future__ import annotations

import os

from demo import checks
from demo.console_log import Log
from demo.fingerprints import unprepared
from demo.folders import SERVICES, Folders
from demo.keys import Keys
from demo.ports import choose_port
from demo.process_manager import ProcessManager
from demo.processes import GatewayAddress, Installation, Ports, processes
from demo.progress import Progress
from demo.redis import find_server, redis

# The environment variables that are kept. Other settings in the shell must not affect the demo.
KEPT_VARIABLES = {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "TERM", "USER", "DEBUG", "SCHEDULE_SCALE"}
KEPT_PREFIXES = (
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


def run(started_at: float) -> None:
    """Run the demo until it is stopped. Raise StartError if it cannot start."""
    os.umask(0o077)
    folders = Folders.from_environment()
    gateway = checks.gateway_address(os.environ)
    folders.create()
    with checks.lock(folders):
        checks.require_free_port(gateway)
        _clean_environment()
        installation = _installation(folders, gateway)
        listed = processes(installation, unprepared=unprepared(folders))
        log = Log(["demo", *(process.name for process in listed)])
        progress = Progress(folders, gateway, log, started_at)
        ProcessManager(listed, folders, log=log, listener=progress).run_until_stopped()
        progress.ended()


def _installation(folders: Folders, gateway: GatewayAddress) -> Installation:
    keys = Keys(folders.secrets)
    taken = {gateway.port}
    ports = Ports(
        **{service: choose_port(gateway.port + 1 + number, taken) for number, service in enumerate(SERVICES)},
        smtp=choose_port(gateway.port + 25, taken),
        mail_page=choose_port(gateway.port + 26, taken),
    )
    queue = redis(str(find_server()), folders, keys, choose_port(gateway.port + 27, taken))
    (folders.run / "redis.conf").write_text(queue.configuration(folders.run), encoding="utf-8")
    return Installation(folders, keys, ports, gateway, queue)


def _clean_environment() -> None:
    for name in list(os.environ):
        if name not in KEPT_VARIABLES and not name.upper().startswith(KEPT_PREFIXES):
            del os.environ[name]
    os.environ["PYTHONUNBUFFERED"] = "1"
    # Ignore the warning of a worker that runs as root. The value must not contain a comma.
    os.environ["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser"
    # One malloc arena per thread would waste memory.
    os.environ["MALLOC_ARENA_MAX"] = "2"
