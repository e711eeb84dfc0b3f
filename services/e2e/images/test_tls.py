"""MySQL and Redis that require TLS, with the client libraries of the images and of this system."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from docker_engine import ROOT, docker, inspect, require_docker, until

from images.container_options import HARDENED, PASSWORD, settings

require_docker()

CIPHER = (
    "import django; django.setup(); from django.db import connection; cursor = connection.cursor();"
    "cursor.execute(\"SHOW SESSION STATUS LIKE 'Ssl_cipher'\");"
    "print('cipher:', cursor.fetchone()[1] or 'none')"
)
SEND = (
    "import django; django.setup(); from users.celery import app;"
    "app.send_task('chassis.events.tasks.prune_events', queue='users', retry=False);"
    "from chassis.events.tasks import queue_length;"
    "print('length:', queue_length('users'), queue_length('study'))"
)
LENGTH = (
    "import django; django.setup(); from chassis.events.tasks import queue_length;"
    "print(queue_length('users'))"
)
ACL = (ROOT / "deploy/redis/users.acl.template").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Servers:
    """A network with servers whose certificates, for `mysql` and `redis`, are signed by our CA."""

    network: str
    certificates: Path

    def address(self, name: str) -> str:
        """Return the IP address of a server, which is in no certificate."""
        networks = inspect(f"{self.network}-{name}")["NetworkSettings"]["Networks"]
        return str(networks[self.network]["IPAddress"])

    @property
    def port(self) -> str:
        """The port of MySQL at 127.0.0.1, which is in its certificate."""
        return docker("port", f"{self.network}-mysql", "3306").rpartition(":")[2]

    def ask(self, server: str, statement: str) -> str:
        """Run an SQL statement. Raise AssertionError if it fails."""
        return docker(
            "exec", "-e", f"MYSQL_PWD={PASSWORD}", f"{self.network}-{server}",
            "mysql", "-h127.0.0.1", "-uroot", "--get-server-public-key", "-e", statement,
        )  # fmt: skip


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def certificates(folder: Path) -> None:
    """Create ca.pem, an unrelated other.pem, and server and client certificates signed by the first."""
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign", "-keyout", f"{name}.key",
                "-out", f"{name}.pem")  # fmt: skip
    for name in ("server", "client"):
        openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        (folder / "names").write_text(
            "subjectAltName=DNS:mysql,DNS:redis,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n"
        )
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-days", "2", "-CAcreateserial", "-extfile", "names", "-out", f"{name}.pem")  # fmt: skip
    for file in folder.iterdir():
        file.chmod(0o644)
    folder.chmod(0o755)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    name = f"seodang-tls-{uuid.uuid4().hex[:6]}"
    folder = tmp_path_factory.mktemp("tls")
    certificates(folder)
    (folder / "users.acl").write_text(re.sub(r"\$\{\w+\}", PASSWORD, ACL))
    (folder / "users.acl").chmod(0o644)
    found = Servers(name, folder)
    mysql = ("--tmpfs", "/var/lib/mysql", "-e", f"MYSQL_ROOT_PASSWORD={PASSWORD}",
             "-e", "MYSQL_DATABASE=users", "-v", f"{folder}:/tls:ro", "mysql:9.7",
             "--skip-log-bin")  # fmt: skip
    tls = ("--tls-cert-file", "/tls/server.pem", "--tls-key-file", "/tls/server.key", "--tls-ca-cert-file",
           "/tls/ca.pem", "--tls-auth-clients", "no")  # fmt: skip
    docker("network", "create", name)
    try:
        docker("run", "-d", "--name", f"{name}-mysql", "--network", name, "--network-alias", "mysql",
               "-p", "127.0.0.1::3306", *mysql, "--require-secure-transport=ON",
               "--ssl-ca=/tls/ca.pem", "--ssl-cert=/tls/server.pem", "--ssl-key=/tls/server.key")  # fmt: skip
        docker("run", "-d", "--name", f"{name}-plain", "--network", name, "--network-alias", "plain", *mysql,
               "--tls-version=")  # fmt: skip
        docker("run", "-d", "--name", f"{name}-redis", "--network", name, "--network-alias", "redis",
               "-v", f"{folder}:/tls:ro", "redis:8", "redis-server", "--port", "0", "--tls-port", "6379",
               *tls, "--aclfile", "/tls/users.acl", "--save", "")  # fmt: skip
        for server in ("mysql", "plain"):
            until(lambda: found.ask(server, "SELECT 1"), server, seconds=120)  # noqa: B023
        yield found
    finally:
        for container in docker("ps", "-aq", "--filter", f"network={name}").split():
            docker("rm", "-f", "-v", container)
        docker("network", "rm", name)


@dataclass(frozen=True)
class Client:
    """Runs processes of users. `run(*arguments, SETTING=…)` returns the output, even on failure."""

    run: Callable[..., str]
    host: dict[str, str]
    folder: str

    def cipher(self, **changes: str) -> str:
        """Return the cipher of the connection to MySQL, or the error."""
        return self.run("-c", CIPHER, **{**self.host, **changes})

    def migrate(self, **changes: str) -> str:
        """Return the output of `migrate --wait`."""
        return self.run("-m", "chassis.entrypoint", "migrate", "--wait", "300", **{**self.host, **changes})


@pytest.fixture(params=["image", "system"])
def client(request: pytest.FixtureRequest, servers: Servers, images: dict[str, str]) -> Client:
    """Return a client with the images' library, or with this system's."""

    def in_a_container(*words: str, **changes: str) -> str:
        return docker(
            "run", "--rm", "--network", servers.network, *HARDENED, "-v", f"{servers.certificates}:/tls:ro",
            *settings("users", **changes), "--entrypoint", "python", images["users"], *words, check=False,
        )  # fmt: skip

    def here(*words: str, **changes: str) -> str:
        values = dict(pair.split("=", 1) for pair in settings("users", **changes)[1::2])
        done = subprocess.run(
            [sys.executable, *words],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{ROOT}/services/chassis:{ROOT}/services/look:{ROOT}/services/users",
                "DJANGO_SETTINGS_MODULE": "users.settings",
                **values,
            },
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.stdout.strip()

    if request.param == "image":
        return Client(in_a_container, {"DATABASE_HOST": "mysql"}, "/tls")
    if find_spec("MySQLdb") is None and os.environ.get("CI") != "true":
        pytest.skip("There is no MySQL driver in .venv here; `make test-mysql` installs it.")
    host = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": servers.port}
    return Client(here, host, str(servers.certificates))


TLS = "Correct DATABASE_SSL_MODE, _CA, _CERT and _KEY"
ENCRYPTED = re.compile(r"cipher: TLS_\w+")


def test_without_a_word_a_connection_is_encrypted(client: Client) -> None:
    assert ENCRYPTED.search(client.cipher())
    assert ENCRYPTED.search(client.cipher(DATABASE_SSL_MODE="required"))


def test_with_a_ca_the_server_has_to_be_the_one_that_is_meant(client: Client, servers: Servers) -> None:
    ca, other = f"{client.folder}/ca.pem", f"{client.folder}/other.pem"
    assert ENCRYPTED.search(client.cipher(DATABASE_SSL_CA=ca))
    elsewhere = {"DATABASE_HOST": servers.address("mysql"), "DATABASE_PORT": "3306"}
    refused = client.migrate(DATABASE_SSL_CA=ca, **elsewhere)
    assert TLS in refused, refused
    # The images' client library does not verify a server on its own machine.
    refused = client.migrate(DATABASE_SSL_CA=other, **elsewhere)
    assert TLS in refused, refused


def test_a_server_that_insists_refuses_who_does_not_encrypt(client: Client) -> None:
    refused = client.migrate(DATABASE_SSL_MODE="disabled")
    assert "insecure transport are prohibited" in refused
    assert TLS in refused


def test_a_server_without_tls_is_refused_by_who_requires_it(client: Client, servers: Servers) -> None:
    plain = {"DATABASE_HOST": servers.address("plain"), "DATABASE_PORT": "3306"}
    assert "cipher: none" in client.cipher(**plain)
    refused = client.migrate(DATABASE_SSL_MODE="required", **plain)
    assert "TLS is required, and the server offers none" in refused
    assert TLS in refused
    assert TLS in client.migrate(DATABASE_SSL_CA=f"{client.folder}/ca.pem", **plain)


def test_a_user_who_needs_a_certificate_shows_it(client: Client, servers: Servers) -> None:
    user = f"u{uuid.uuid4().hex[:8]}"
    servers.ask(
        "mysql", f"CREATE USER {user} IDENTIFIED BY '{PASSWORD}' REQUIRE X509; GRANT ALL ON users.* TO {user}"
    )
    assert "Access denied" in client.migrate(DATABASE_USER=user)
    files = {
        "DATABASE_SSL_CERT": f"{client.folder}/client.pem",
        "DATABASE_SSL_KEY": f"{client.folder}/client.key",
    }
    assert ENCRYPTED.search(client.cipher(DATABASE_USER=user, **files))
    with_ca = {**files, "DATABASE_SSL_CA": f"{client.folder}/ca.pem"}
    assert ENCRYPTED.search(client.cipher(DATABASE_USER=user, **with_ca))


def test_redis_is_verified_and_knows_its_users(servers: Servers, images: dict[str, str]) -> None:
    def run(*words: str, host: str = "redis", scheme: str = "rediss", **changes: str) -> list[str]:
        return [
            "--network", servers.network, *HARDENED, "-v", f"{servers.certificates}:/tls:ro",
            *settings(
                "users",
                BROKER_URL=f"{scheme}://users:{PASSWORD}@{host}:6379/0",
                BROKER_URL_STUDY=f"{scheme}://users-to-study:{PASSWORD}@{host}:6379/0",
                DATABASE_HOST="mysql",
                **{"BROKER_SSL_CA": "/tls/ca.pem", **changes},
            ),
            *words,
        ]  # fmt: skip

    def python(code: str, **changes: str) -> str:
        words = run("--entrypoint", "python", images["users"], "-c", code, **changes)
        return docker("run", "--rm", *words, check=False)

    assert "length: 1 0" in python(SEND)
    assert "certificate verify failed" in python(SEND, BROKER_SSL_CA="")
    assert "certificate verify failed" in python(SEND, BROKER_SSL_CA="/tls/other.pem")
    assert "IP address mismatch" in python(SEND, host=servers.address("redis"))
    assert not re.search(r"length: \d", python(SEND, scheme="redis"))

    docker("run", "--rm", *run(images["users"], "migrate"), timeout=180)
    worker = docker("run", "-d", *run(images["users"], "worker"))
    try:
        until(
            lambda: python(LENGTH).endswith("\n0") or python(LENGTH) == "0",
            "the worker",
            seconds=120,
            every=1,
        )
    finally:
        print(docker("logs", worker)[-2000:])
        docker("rm", "-f", worker)
