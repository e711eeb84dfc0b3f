"""The processes of the demo: command, dependencies and readiness probe of each."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from demo.folders import ROOT, SERVICES, Folders
from demo.keys import Keys, field_key
from demo.redis import Redis

ENTRYPOINT = (sys.executable, "-m", "chassis.entrypoint")
# gunicorn's access log in a readable format.
ACCESS_LOG = "--access-logfile=- --access-logformat='%(m)s %(U)s %(s)s %(M)sms'"


@dataclass(frozen=True)
class TcpProbe:
    """Ready when it accepts connections on a loopback port or a Unix socket."""

    address: int | Path


@dataclass(frozen=True)
class HttpProbe:
    """Ready when it answers a path with 200."""

    port: int
    path: str


@dataclass(frozen=True)
class LogProbe:
    """Ready when a line of its output contains a text."""

    text: str


@dataclass(frozen=True)
class ExitProbe:
    """Ready when it exits with 0: a job."""


Probe = TcpProbe | HttpProbe | LogProbe | ExitProbe


@dataclass(frozen=True)
class Process:
    """One process. `after` names those that must be ready first; a `light` one starts instantly."""

    name: str
    command: tuple[str, ...]
    probe: Probe
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    light: bool = False
    # Stops after all processes without this flag.
    stops_last: bool = False
    stop_timeout: int = 10


@dataclass(frozen=True)
class Ports:
    """The loopback ports behind the gateway."""

    users: int
    study: int
    notification: int
    smtp: int
    mail_page: int

    def of(self, service: str) -> int:
        """Return the port of a service."""
        port: int = getattr(self, service)
        return port


@dataclass(frozen=True)
class GatewayAddress:
    """The gateway's port, bind addresses, host names and public URL."""

    port: int
    bind: tuple[str, ...]
    hosts: tuple[str, ...]
    public_url: str


@dataclass(frozen=True)
class Installation:
    """The folders, secrets and addresses of an installation."""

    folders: Folders
    keys: Keys
    ports: Ports
    gateway: GatewayAddress
    redis: Redis


def processes(installation: Installation, *, unprepared: frozenset[str]) -> list[Process]:
    """Return all processes in start order.

    The gateway is first, so that a browser gets a page and not a refused connection. Web processes come
    before workers and relays, which pages do not need.
    """
    found = [
        Process(
            "redis",
            (installation.redis.server, str(installation.folders.run / "redis.conf")),
            TcpProbe(installation.redis.socket or installation.redis.port),
            light=True,
            stops_last=True,
        ),
        _mail(installation),
        _gateway(installation),
    ]
    environments = {service: _environment(service, installation) for service in SERVICES}
    found += [
        Process(
            f"{service}-prepare",
            (sys.executable, "-m", "demo.prepare", service),
            ExitProbe(),
            environment={**environments[service], "PYTHONPATH": str(ROOT / "deploy/demo")},
        )
        for service in SERVICES
        if service in unprepared
    ]
    for service in SERVICES:
        prepared = (f"{service}-prepare",) if service in unprepared else ()
        found.append(
            Process(
                f"{service}-web",
                (*ENTRYPOINT, "web"),
                HttpProbe(installation.ports.of(service), "/healthz/ready"),
                environment={**environments[service], "GUNICORN_CMD_ARGS": ACCESS_LOG},
                after=prepared,
            )
        )
    for service in SERVICES:
        base = (f"{service}-web", "redis", "mail")
        environment = environments[service]
        found.append(
            Process(f"{service}-worker", (*ENTRYPOINT, "worker"), LogProbe(" ready."), environment, base)
        )
        relay = (*ENTRYPOINT, "relay", "--with-beat")
        found.append(Process(f"{service}-relay", relay, LogProbe("relay_started"), environment, base))
    return found


def _mail(installation: Installation) -> Process:
    ports = installation.ports
    where = ("--smtp-port", str(ports.smtp), "--http-port", str(ports.mail_page))
    return Process(
        "mail",
        (sys.executable, "-m", "demo.mail", *where, "--folder", str(installation.folders.mail)),
        HttpProbe(ports.mail_page, "/_mail/"),
        environment={"PYTHONPATH": str(ROOT / "deploy/demo")},
        light=True,
        stops_last=True,
    )


def _gateway(installation: Installation) -> Process:
    ports, gateway, folders = installation.ports, installation.gateway, installation.folders
    return Process(
        "gateway",
        (
            str(Path(sys.executable).parent / "caddy"),
            "run",
            "--config",
            str(ROOT / "deploy/gateway/Caddyfile"),
        ),
        HttpProbe(gateway.port, "/_gateway/seodang.css"),
        environment={
            **{f"GATEWAY_{service.upper()}": f"127.0.0.1 {ports.of(service)}" for service in SERVICES},
            "GATEWAY_SITE": f"http://:{gateway.port}",
            "GATEWAY_BIND": " ".join(gateway.bind),
            "GATEWAY_PAGES": str(ROOT / "deploy/gateway/pages"),
            "GATEWAY_STYLES": str(ROOT / "services/look/look/static/look"),
            "GATEWAY_EXTRA": str(ROOT / "deploy/demo/gateway.caddy"),
            # The limit that Caddy sets by itself in a container.
            "GOMEMLIMIT": "100MiB",
            "DEMO_HOSTS": " ".join(gateway.hosts),
            "DEMO_MAIL": f"127.0.0.1 {ports.mail_page}",
            "DEMO_URL": gateway.public_url,
            "XDG_DATA_HOME": str(folders.gateway),
            "XDG_CONFIG_HOME": str(folders.gateway),
        },
        light=True,
    )


def _environment(service: str, installation: Installation) -> dict[str, str]:
    """Return the settings of a service. Secrets are passed as files, invisible in process lists."""
    folders, keys, ports, gateway = (
        installation.folders,
        installation.keys,
        installation.ports,
        installation.gateway,
    )
    callers = {
        principal: keys.text(f"{principal}-service-secret") for principal in SERVICES if principal != "users"
    }
    known = ",".join(f"{principal}:{secret}" for principal, secret in callers.items())
    own = (
        {"SERVICE_SECRETS_FILE": str(keys.put("users-service-secrets", known))}
        if service == "users"
        else {"SERVICE_SECRET_FILE": str(keys.file(f"{service}-service-secret"))}
    )
    return {
        **own,
        "DJANGO_SETTINGS_MODULE": f"{service}.settings",
        "PUBLIC_URL": gateway.public_url,
        "ALLOWED_HOSTS": ",".join(gateway.hosts),
        "DATABASE_PATH": str(folders.database(service)),
        "BROKER_URL_FILE": str(keys.put("broker-url", installation.redis.url)),
        "SECRET_KEY_FILE": str(keys.file(f"{service}-secret-key")),
        "FIELD_KEY_FILE": str(keys.file(f"{service}-field-key", field_key)),
        "SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}",
        "USERS_URL": f"http://127.0.0.1:{ports.users}",
        "STUDY_URL": f"http://127.0.0.1:{ports.study}",
        "STATIC_ROOT": str(folders.static(service)),
        "LISTEN": f"127.0.0.1:{ports.of(service)}",
    }
