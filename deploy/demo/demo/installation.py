"""One installation of the demo: its processes, its addresses and the environment that holds them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from demo.checks import find_redis
from demo.folders import ROOT, SERVICES, Folders
from demo.ports import GatewayAddress

PORTS = (*SERVICES, "smtp", "mail")
# What their output says when they are ready. The gateway and the web processes are asked for it.
READY = {
    "redis": "eady to accept connections",
    "mail": "takes mail on",
    "worker": " ready.",
    "relay": "relay_started",
}
# A readable access log, and a port that the demo holds.
GUNICORN = "--access-logfile=- --access-logformat='%(m)s %(U)s %(s)s %(M)sms' --reuse-port"
# An environment variable of every process of a run: the folder of its data.
MARK = "SEODANG_DEMO"
# The environment variables that are kept. Other settings in the shell must not affect the demo.
KEPT_VARIABLES = {
    *("PATH", "HOME", "LANG", "TZ", "TMPDIR", "TERM", "USER", "DEBUG", "EMPTY", "SCHEDULE_SCALE"),
    *("QUIET_HOURS", "OUTGOING_ALLOWED_HOSTS", "REQUESTS_CA_BUNDLE"),
}
KEPT_PREFIXES = (
    *("DEMO_", "WEB_", "LC_", "GITHUB_", "RELAY_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_"),
)


@dataclass(frozen=True)
class Installation:
    """The folders and addresses of an installation. `ports` has a loopback port for each of PORTS."""

    folders: Folders
    gateway: GatewayAddress
    ports: Mapping[str, int]
    socket: Path
    # supervisord's configuration file.
    configuration: Path = ROOT / "deploy/demo/supervisord.conf"

    def programs(self) -> list[str]:
        """Return the names of the programs that supervisord runs."""
        parser = RawConfigParser()
        parser.read(self.configuration, encoding="utf-8")
        names = [section.partition("program:")[2] for section in parser.sections()]
        return [name for name in names if name]

    def environment(self) -> dict[str, str]:
        """Return the environment of all processes. demo.service adds what only one service has."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in KEPT_VARIABLES or name.upper().startswith(KEPT_PREFIXES)
        }
        return {
            **kept,
            **{f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()},
            **{f"{name.upper()}_URL": f"http://127.0.0.1:{self.ports[name]}" for name in SERVICES},
            MARK: str(self.folders.var),
            "DEMO_FOLDER": str(self.folders.var),
            "BIN": str(Path(sys.executable).parent),
            "REDIS": str(find_redis()),
            "REDIS_SOCKET": str(self.socket),
            "BROKER_URL": f"redis+socket://{quote(str(self.socket))}",
            "SMTP_URL": f"smtp://127.0.0.1:{self.ports['smtp']}",
            "GATEWAY_SITE": f"http://:{self.gateway.port}",
            "GATEWAY_BIND": " ".join(self.gateway.bind),
            "DEMO_HOSTS": " ".join(self.gateway.hosts),
            "ALLOWED_HOSTS": ",".join(self.gateway.hosts),
            "PUBLIC_URL": self.gateway.public_url,
            "GUNICORN_CMD_ARGS": GUNICORN,
            "PYTHONPATH": str(ROOT / "deploy/demo"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            # Ignore the warning of a worker that runs as root. The value must not contain a comma.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
            # One malloc arena per thread would waste memory.
            "MALLOC_ARENA_MAX": "2",
        }
