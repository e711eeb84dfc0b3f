"""The processes of the demo, as a configuration file of supervisord."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet

from demo.checks import find_redis
from demo.folders import ROOT, SERVICES, Folders
from demo.keys import Keys
from demo.ports import GatewayAddress

PORTS = (*SERVICES, "smtp", "mail")
# What their output says when they are ready. The gateway and the web processes are asked for it.
READY = {
    "redis": "eady to accept connections",
    "mail": "takes mail on",
    "worker": " ready.",
    "relay": "relay_started",
}
# A readable access log, and a port that the demo holds. No quote is last: supervisord would strip it.
GUNICORN = "--access-logfile=- --access-logformat='%(m)s %(U)s %(s)s %(M)sms' --reuse-port"
# Stopped after the others, which may still use them.
_FOUNDATION = {"redis", "mail"}


@dataclass(frozen=True)
class Program:
    """A command and its additional environment."""

    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Installation:
    """The folders and addresses of an installation. `ports` has a loopback port for each of PORTS."""

    folders: Folders
    gateway: GatewayAddress
    ports: Mapping[str, int]
    socket: Path

    def write_configuration(self) -> Path:
        """Write the configuration files; return supervisord's."""
        run, log, programs = self.folders.run, self.folders.log, self.programs()
        # Events wait in the databases until they are acknowledged: losing the queue loses none.
        redis = [f'unixsocket "{self.socket}"', "unixsocketperm 700", "port 0", 'save ""', "appendonly no"]
        redis += [f'dir "{run}"', "databases 1", ""]
        (run / "redis.conf").write_text("\n".join(redis), encoding="utf-8")
        configuration = RawConfigParser()
        configuration.read(ROOT / "deploy/demo/supervisord.conf", encoding="utf-8")
        configuration["supervisord"].update(
            {
                "logfile": str(log / "supervisord.log"),
                "pidfile": str(run / "supervisord.pid"),
            }
        )
        for name, program in programs.items():
            environment = ",".join(f'{key}="{value}"' for key, value in program.environment.items())
            configuration[f"program:{name}"] = {
                **configuration["program"],
                "command": shlex.join(program.command),
                "directory": str(ROOT),
                "environment": environment.replace("%", "%%"),
                "stdout_logfile": str(log / f"{name}.log"),
            }
        # The group of the higher priority stops first.
        foundation = {"programs": ",".join(programs.keys() & _FOUNDATION), "priority": "1"}
        product = {"programs": ",".join(programs.keys() - _FOUNDATION), "priority": "2"}
        configuration.read_dict({"group:foundation": foundation, "group:product": product})
        configuration.remove_section("program")
        with (run / "supervisord.conf").open("w", encoding="utf-8") as file:
            configuration.write(file)
        return run / "supervisord.conf"

    def programs(self) -> dict[str, Program]:
        """Return all programs by name. The gateway needs no service: a browser gets a page at once."""
        demo = {"PYTHONPATH": str(ROOT / "deploy/demo"), "DEMO_FOLDER": str(self.folders.var)}
        mail = ("--smtp-port", str(self.ports["smtp"]), "--http-port", str(self.ports["mail"]))
        found = {
            "redis": Program((str(find_redis()), str(self.folders.run / "redis.conf")), {}),
            "mail": Program(
                (sys.executable, "-m", "demo.mail", *mail, "--folder", str(self.folders.mail)), demo
            ),
            "gateway": self._gateway(),
        }
        environments = {service: demo | self._environment(service) for service in SERVICES}
        for role in ("web", "worker", "relay"):
            for service, environment in environments.items():
                command = (sys.executable, "-m", "demo.service", service, role)
                found[f"{service}-{role}"] = Program(command, environment)
        return found

    def _gateway(self) -> Program:
        caddy = str(Path(sys.executable).parent / "caddy")
        return Program(
            (caddy, "run", "--config", str(ROOT / "deploy/gateway/Caddyfile")),
            {
                **{f"GATEWAY_{name.upper()}": f"127.0.0.1 {self.ports[name]}" for name in SERVICES},
                "GATEWAY_SITE": f"http://:{self.gateway.port}",
                "GATEWAY_BIND": " ".join(self.gateway.bind),
                "GATEWAY_PAGES": str(ROOT / "deploy/gateway/pages"),
                "GATEWAY_STYLES": str(ROOT / "services/look/look/static/look"),
                "GATEWAY_EXTRA": str(ROOT / "deploy/demo/gateway.caddy"),
                # The limit that Caddy sets by itself in a container.
                "GOMEMLIMIT": "100MiB",
                "DEMO_HOSTS": " ".join(self.gateway.hosts),
                "DEMO_MAIL": f"127.0.0.1 {self.ports['mail']}",
                "DEMO_URL": self.gateway.public_url,
                "XDG_DATA_HOME": str(self.folders.gateway),
                "XDG_CONFIG_HOME": str(self.folders.gateway),
            },
        )

    def _environment(self, service: str) -> dict[str, str]:
        """Return the settings of a service. Secrets are passed as files, invisible in process lists."""
        folders, keys, ports = self.folders, Keys(self.folders.secrets), self.ports
        if service == "users":
            callers = (
                f"{name}:{keys.text(f'{name}-service-secret')}" for name in SERVICES if name != service
            )
            own = {"SERVICE_SECRETS_FILE": str(keys.put("users-service-secrets", ",".join(callers)))}
        else:
            own = {"SERVICE_SECRET_FILE": str(keys.file(f"{service}-service-secret"))}
        return {
            **own,
            "DJANGO_SETTINGS_MODULE": f"{service}.settings",
            "PUBLIC_URL": self.gateway.public_url,
            "ALLOWED_HOSTS": ",".join(self.gateway.hosts),
            "DATABASE_PATH": str(folders.database(service)),
            "BROKER_URL": f"redis+socket://{quote(str(self.socket))}",
            "SECRET_KEY_FILE": str(keys.file(f"{service}-secret-key")),
            "FIELD_KEY_FILE": str(keys.file(f"{service}-field-key", lambda: Fernet.generate_key().decode())),
            "SMTP_URL": f"smtp://127.0.0.1:{ports['smtp']}",
            "USERS_URL": f"http://127.0.0.1:{ports['users']}",
            "STUDY_URL": f"http://127.0.0.1:{ports['study']}",
            "STATIC_ROOT": str(folders.static(service)),
            "LISTEN": f"127.0.0.1:{ports[service]}",
            "GUNICORN_CMD_ARGS": GUNICORN,
        }
