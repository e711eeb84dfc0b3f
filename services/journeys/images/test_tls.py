"""MySQL and Redis that insist on TLS, asked with the images' client library and with this system's."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from engine import ROOT, docker, inspect, needed, until

from images.running import PASSWORD, SEALED, settings

needed()

CIPHER = (
    "import django; django.setup(); from django.db import connection; cursor = connection.cursor();"
    "cursor.execute(\"SHOW SESSION STATUS LIKE 'Ssl_cipher'\"); print('cipher:', cursor.fetchone()[1] or 'none')"
)
SEND = (
    "import django; django.setup(); from users.celery import app;"
    "app.send_task('chassis.events.tasks.prune_events', queue='users', retry=False);"
    "from chassis.events.tasks import depth; print('depth:', depth('users'), depth('study'))"
)
DEPTH = "import django; django.setup(); from chassis.events.tasks import depth; print(depth('users'))"
ACL = (ROOT / "deploy/redis/users.acl.template").read_text(encoding="utf-8")
# What a process is given of the certificates, at a path that both kinds of client know.
PLACE = Path("/tmp/seodang-tls-journey")  # noqa: S108


@dataclass(frozen=True)
class Servers:
    """A network with servers whose certificates are of a CA of ours, for the names `mysql` and `redis`."""

    network: str
    certificates: Path

    def address(self, name: str) -> str:
        """The address of one of them, which stands in no certificate."""
        found: str = inspect(f"{self.network}-{name}")["NetworkSettings"]["Networks"][self.network]["IPAddress"]
        return found

    def root(self, statement: str) -> None:
        """Have MySQL do that."""
        docker("exec", "-e", f"MYSQL_PWD={PASSWORD}", f"{self.network}-mysql", "mysql", "-h127.0.0.1", "-uroot",
               "-e", statement)  # fmt: skip


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def certificates(folder: Path) -> None:
    """ca.pem, a stranger's other.pem, and server and client certificates of the first."""
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    for name in ("server", "client"):
        openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        (folder / "names").write_text("subjectAltName=DNS:mysql,DNS:redis,DNS:localhost\n")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
                "-CAcreateserial", "-extfile", "names", "-out", f"{name}.pem")  # fmt: skip
    for file in folder.iterdir():
        file.chmod(0o644)
    folder.chmod(0o755)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    name = f"seodang-tls-{uuid.uuid4().hex[:6]}"
    folder = tmp_path_factory.mktemp("tls")
    certificates(folder)
    (folder / "users.acl").write_text(ACL.replace("${users_password}", PASSWORD).replace(
        "${users_to_study_password}", PASSWORD).splitlines()[0] + "\n" + "\n".join(
        line.replace("${users_password}", PASSWORD).replace("${users_to_study_password}", PASSWORD)
        for line in ACL.splitlines() if line.startswith(("user users ", "user users-to-study "))) + "\n")  # fmt: skip
    (folder / "users.acl").chmod(0o644)
    found = Servers(name, folder)
    mysql = ("--tmpfs", "/var/lib/mysql", "-e", f"MYSQL_ROOT_PASSWORD={PASSWORD}", "-e", "MYSQL_DATABASE=users",
             "-v", f"{folder}:/tls:ro", "mysql:9.7", "--skip-log-bin")  # fmt: skip
    tls = ("--tls-cert-file", "/tls/server.pem", "--tls-key-file", "/tls/server.key", "--tls-ca-cert-file",
           "/tls/ca.pem", "--tls-auth-clients", "no")  # fmt: skip
    docker("network", "create", name)
    try:
        docker("run", "-d", "--name", f"{name}-mysql", "--network", name, "--network-alias", "mysql", *mysql,
               "--require-secure-transport=ON", "--ssl-ca=/tls/ca.pem", "--ssl-cert=/tls/server.pem",
               "--ssl-key=/tls/server.key")  # fmt: skip
        docker("run", "-d", "--name", f"{name}-plain", "--network", name, "--network-alias", "plain", *mysql,
               "--tls-version=")  # fmt: skip
        docker("run", "-d", "--name", f"{name}-redis", "--network", name, "--network-alias", "redis",
               "-v", f"{folder}:/tls:ro", "redis:8", "redis-server", "--port", "0", "--tls-port", "6379",
               *tls, "--aclfile", "/tls/users.acl", "--save", "")  # fmt: skip
        for server in ("mysql", "plain"):
            ask = ("exec", "-e", f"MYSQL_PWD={PASSWORD}", f"{name}-{server}", "mysql", "-h127.0.0.1", "-uroot")
            until(lambda: docker(*ask, "-e", "SELECT 1"), server, seconds=120)  # noqa: B023
        yield found
    finally:
        for container in docker("ps", "-aq", "--filter", f"network={name}").split():
            docker("rm", "-f", "-v", container)
        docker("network", "rm", name)


Ask = Callable[..., str]


@pytest.fixture(params=["image", "system"])
def ask(request: pytest.FixtureRequest, servers: Servers, images: dict[str, str]) -> Ask:
    """ask(program and its words, SETTING=…) → what a process of users prints, whether or not it fails."""
    if request.param == "image":

        def run(*words: str, **changes: str) -> str:
            return docker(
                "run", "--rm", "--network", servers.network, *SEALED, "-v", f"{servers.certificates}:/tls:ro",
                *settings("users", **changes), "--entrypoint", "python", images["users"], *words, check=False,
            )  # fmt: skip

        return run
    if find_spec("MySQLdb") is None and os.environ.get("CI") != "true":
        pytest.skip("This system has no MySQL driver in .venv: `make test-mysql` installs it.")

    def run_here(*words: str, **changes: str) -> str:
        given = [word for word in settings("users", **{"DATABASE_HOST": "mysql", **changes}) if word != "-e"]
        values = dict(word.split("=", 1) for word in given)
        values |= {
            name: value.replace("/tls/", f"{servers.certificates}/")
            for name, value in values.items()
            if name.startswith("DATABASE_SSL_")
        }
        # No name of the network is known here: the server's own name is this machine's for it.
        if values["DATABASE_HOST"] in {"mysql", "plain"}:
            values["DATABASE_HOST"] = servers.address(values["DATABASE_HOST"])
        path = f"{ROOT}/services/chassis:{ROOT}/services/users"
        return subprocess.run(
            [sys.executable, *words], env={"PATH": os.environ["PATH"], "PYTHONPATH": path,
            "DJANGO_SETTINGS_MODULE": "users.settings", **values},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        ).stdout.strip()  # fmt: skip

    return run_here
