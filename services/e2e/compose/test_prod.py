"""`make prod`: one machine, hardened and behind TLS."""

from __future__ import annotations

import gzip
import io
import json
import re
import ssl
import stat
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import docker, inspect, require_docker, until

from compose.installation import Clone, clone

require_docker()

URL = "https://localhost"
SERVICES = ("users", "study", "notification")


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Run `make prod` in a clone."""
    given = {
        "COMPOSE_PROJECT_NAME": "seodang-prod-e2e",
        "PUBLIC_URL": URL,
        "SMTP_URL": "smtp://mail.example.invalid:25",
    }
    with clone(tmp_path_factory.mktemp("prod"), "compose.prod.yaml", **given) as found:
        found.make("prod", timeout=600)
        yield found


@pytest.fixture(scope="module")
def browser(prod: Clone, tmp_path_factory: pytest.TempPathFactory) -> urllib.request.OpenerDirector:
    """Return a client that trusts only the gateway's certificate for localhost."""
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


def test_the_api_is_described_as_in_the_repository(browser: urllib.request.OpenerDirector) -> None:
    """The images contain the OpenAPI documents, from which the page is made as well."""
    with browser.open(f"{URL}/api/docs", timeout=10) as answer:
        page = answer.read().decode()
    for service in SERVICES:
        with browser.open(f"{URL}/api/v1/{service}/openapi.json", timeout=10) as answer:
            paths = json.load(answer)["paths"]
        assert paths
        assert all(path in page for path in paths)


def test_nothing_inside_is_open_to_the_outside(prod: Clone, browser: urllib.request.OpenerDirector) -> None:
    for path in ("/metrics", "/healthz/ready", "/internal/token"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            browser.open(URL + path, timeout=10)
        with refused.value as answer:
            assert answer.code == 404
    for service in ("mysql", "redis", *(f"{name}-web" for name in SERVICES)):
        assert inspect(prod.container(service))["HostConfig"]["PortBindings"] == {}, service


def test_every_process_is_hardened(prod: Clone) -> None:
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
    """Each service has its own database user, without access to other databases."""
    code = (
        "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
        "k.execute('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA');"
        "print(sorted(row[0] for row in k.fetchall()))"
    )
    seen = prod.compose("exec", "-T", "study-web", "python", "-c", code)
    assert "study" in seen
    assert "users" not in seen


def test_connections_to_mysql_are_encrypted(prod: Clone) -> None:
    """Check the images' client library, in every process."""
    code = (
        "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
        "k.execute(\"SHOW SESSION STATUS LIKE 'Ssl_cipher'\"); print('cipher:', k.fetchone()[1])"
    )
    for name in SERVICES:
        assert "cipher: TLS_" in prod.compose("exec", "-T", f"{name}-worker", "python", "-c", code)
    clear = prod.sql(
        "SELECT COUNT(*) FROM performance_schema.threads"
        " WHERE PROCESSLIST_USER IN ('users', 'study', 'notification') AND CONNECTION_TYPE <> 'SSL/TLS'"
    )
    assert clear == "0"


def test_what_others_may_not_read_is_closed_to_them(prod: Clone) -> None:
    files = [prod.folder / ".env", *(prod.folder / f"services/{name}/.env" for name in SERVICES)]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 4


@pytest.mark.parametrize(
    ("missing", "said"),
    [("PUBLIC_URL", "PUBLIC_URL=https://club.example"), ("SMTP_URL", "SMTP_URL=smtp+starttls://user")],
)
def test_it_does_not_start_without_its_address(prod: Clone, missing: str, said: str) -> None:
    assert said in prod.make_fails("prod", settings={missing: ""})


def test_an_image_that_is_not_there_or_of_another_version_is_refused_by_name(prod: Clone) -> None:
    running = containers(prod)
    absent = {"SEODANG_IMAGES": "localhost:1/club/"}
    said = prod.make_fails("prod", settings=absent)
    for name in SERVICES:
        assert f"localhost:1/club/seodang-{name}:0.2.0 is not here and cannot be pulled" in said

    # All three exist, and one of them is of an earlier release.
    for name in SERVICES:
        docker("tag", f"seodang-{name}:0.2.0", f"localhost:1/other/seodang-{name}:0.2.0")
    earlier = "FROM seodang-study:0.2.0\nLABEL org.opencontainers.image.version=0.0.9\n"
    docker("build", "--quiet", "--tag", "localhost:1/other/seodang-study:0.2.0", "-", input=earlier)
    try:
        said = prod.make_fails("prod", settings={"SEODANG_IMAGES": "localhost:1/other/"})
    finally:
        docker("image", "rm", *(f"localhost:1/other/seodang-{name}:0.2.0" for name in SERVICES))
    assert "localhost:1/other/seodang-study:0.2.0 is of version 0.0.9, and this tree of 0.2.0" in said
    assert "seodang-users:0.2.0 is" not in said
    assert containers(prod) == running


def test_a_damaged_backup_stops_nothing(
    prod: Clone, browser: urllib.request.OpenerDirector, tmp_path: Path
) -> None:
    made = Path(prod.make("backup", "INSTALL=prod").split(" ", 1)[0])
    whole = made.read_bytes()
    keys = whole.index(b'{\n "users"')
    dump = whole.index(b"databases.sql.gz") + 2000
    damaged = tmp_path / "damaged.tar"
    running = containers(prod)
    for content in (
        whole[: len(whole) // 2],
        whole[:keys] + b"#" + whole[keys + 1 :],
        whole[:dump] + bytes([whole[dump] ^ 1]) + whole[dump + 1 :],
    ):
        damaged.write_bytes(content)
        said = prod.make_fails("restore", f"FROM={damaged}", "A=--yes", "INSTALL=prod")
        assert "is no backup that can be restored" in said
        assert "Nothing was changed" in said
    assert containers(prod) == running
    with browser.open(f"{URL}/accounts/login/", timeout=10) as answer:
        assert answer.status == 200


def test_a_restore_that_fails_leaves_the_site_as_it_was(
    prod: Clone, browser: urllib.request.OpenerDirector, tmp_path: Path
) -> None:
    """The backup is complete, but its last statement is invalid."""
    made = Path(prod.make("backup", "INSTALL=prod").split(" ", 1)[0])
    wrong = tmp_path / "wrong.tar"
    with tarfile.open(made) as old, tarfile.open(wrong, "w") as new:
        for member in old.getmembers():
            body = old.extractfile(member)
            assert body
            data = body.read()
            if member.name == "databases.sql.gz":
                text = gzip.decompress(data).replace(b"-- Dump completed", b"NONSENSE;\n-- Dump completed")
                data = gzip.compress(text)
            if member.name == "about.json":
                about = json.loads(data)
                del about["sha256"]
                data = json.dumps(about).encode()
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    prod.sql("CREATE TABLE users.since_then (n INT)")
    prod.sql("INSERT INTO users.since_then VALUES (7)")
    rows = prod.rows()
    said = prod.make_fails("restore", f"FROM={wrong}", "A=--yes", "INSTALL=prod", timeout=500)
    assert "was not restored" in said
    assert "Everything is as it was" in said
    assert not prod.changed_rows(rows)
    prod.sql("DROP TABLE users.since_then")
    until(
        lambda: "</form>" in browser.open(f"{URL}/accounts/login/", timeout=10).read().decode(),
        "pages",
        seconds=60,
    )


def test_a_change_of_the_tree_is_what_runs(prod: Clone) -> None:
    """The next `make prod` builds the change and applies its migration."""
    migrations = prod.folder / "services/study/study/cohorts/migrations"
    last = max(migrations.glob("0*.py")).stem
    (migrations / "9999_since_then.py").write_text(
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [('cohorts', '{last}')]\n"
        "    operations = [migrations.RunSQL('CREATE TABLE since_then (n INT)', 'DROP TABLE since_then')]\n"
    )
    before = inspect(prod.container("study-web"))["Image"]
    try:
        prod.make("prod", timeout=500)
        assert prod.sql("SELECT COUNT(*) FROM study.since_then") == "0"
        assert inspect(prod.container("study-web"))["Image"] != before
    finally:
        (migrations / "9999_since_then.py").unlink()


def test_a_wrong_password_of_the_database_ends_the_start_and_says_so(prod: Clone) -> None:
    """The last test: it does not restore the installation."""
    file = prod.folder / "services/study/.env"
    text = file.read_text()
    file.write_text(re.sub("^DATABASE_PASSWORD=.*$", "DATABASE_PASSWORD=wrong", text, flags=re.MULTILINE))
    said = prod.make_fails("prod", timeout=500)
    assert "Access denied for user 'study'" in said
    assert "Correct DATABASE_USER and DATABASE_PASSWORD" in said


def containers(prod: Clone) -> list[str]:
    """Return the running containers and their start times."""
    return sorted(prod.compose("ps", "--format", "{{.ID}} {{.CreatedAt}} {{.State}}").splitlines())
