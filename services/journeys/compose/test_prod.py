"""`make prod`: one machine for one club, sealed and behind TLS."""

from __future__ import annotations

import ssl
import subprocess
import urllib.request
from collections.abc import Iterator

import pytest
from engine import docker, inspect, needed, until

from compose.installation import Clone, clone

needed()

URL = "https://localhost"
SERVICES = ("users", "study", "notification")


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A clone that runs as the README says."""
    given = {
        "COMPOSE_PROJECT_NAME": "seodang-prod-journey",
        "PUBLIC_URL": URL,
        "SMTP_URL": "smtp://mail.example.invalid:25",
    }
    with clone(tmp_path_factory.mktemp("prod"), "compose.prod.yaml", **given) as found:
        found.make("prod", timeout=600)
        yield found


@pytest.fixture(scope="module")
def browser(prod: Clone, tmp_path_factory: pytest.TempPathFactory) -> urllib.request.OpenerDirector:
    """Somebody who trusts the certificate that the gateway made for localhost, and no other."""
    root = tmp_path_factory.mktemp("ca") / "root.crt"
    made = f"{prod.container('gateway')}:/data/caddy/pki/authorities/local/root.crt"
    until(lambda: [docker("cp", made, str(root))], "the certificate", seconds=30)
    return urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(root)))
    )


def test_pages_come_by_tls_alone(browser: urllib.request.OpenerDirector) -> None:
    with browser.open("http://localhost/accounts/login/", timeout=10) as answer:
        assert answer.url == f"{URL}/accounts/login/"
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        cookies = answer.headers.get_all("Set-Cookie")
        assert cookies
        assert all("Secure" in cookie for cookie in cookies)


def test_nothing_inside_is_open_to_the_outside(prod: Clone, browser: urllib.request.OpenerDirector) -> None:
    for path in ("/metrics", "/healthz/ready", "/internal/token"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            browser.open(URL + path, timeout=10)
        with refused.value as answer:
            assert answer.code == 404
    for service in ("mysql", "redis", *(f"{name}-web" for name in SERVICES)):
        assert inspect(prod.container(service))["HostConfig"]["PortBindings"] == {}, service


def test_every_process_is_sealed(prod: Clone) -> None:
    for name in SERVICES:
        for role in ("web", "worker", "relay"):
            found = inspect(prod.container(f"{name}-{role}"))
            host = found["HostConfig"]
            assert host["ReadonlyRootfs"], found["Name"]
            assert host["CapDrop"] == ["ALL"]
            assert not host["CapAdd"]
            assert "no-new-privileges:true" in host["SecurityOpt"]
            assert host["Memory"] > 0
            assert host["RestartPolicy"]["Name"] == "always"
            assert found["Config"]["User"] == "10001:10001"
            assert not [line for line in found["Config"]["Env"] if line.startswith("DEBUG=")]


def test_a_service_knows_its_own_database_alone(prod: Clone) -> None:
    """One database and one user a service: as study, the rows of users are refused."""
    code = (
        "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
        "k.execute('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA');"
        "print(sorted(row[0] for row in k.fetchall()))"
    )
    seen = prod.compose("exec", "-T", "study-web", "python", "-c", code)
    assert "study" in seen
    assert "users" not in seen


@pytest.mark.parametrize(
    ("missing", "said"),
    [("PUBLIC_URL", "PUBLIC_URL=https://club.example"), ("SMTP_URL", "SMTP_URL=smtp+starttls://user")],
)
def test_it_does_not_start_without_its_address(prod: Clone, missing: str, said: str) -> None:
    done = subprocess.run(
        ["make", "prod"], cwd=prod.folder, capture_output=True, text=True, check=False,
        env={**prod.environment, missing: ""},
    )  # fmt: skip
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
