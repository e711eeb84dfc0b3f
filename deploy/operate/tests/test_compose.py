"""Secrets of a compose installation: complete, kept, and consistent between files."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import compose


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in compose.SERVICES:
        (tmp_path / "services" / name).mkdir(parents=True)
    for folder in ("mysql", "redis"):
        (tmp_path / "deploy").mkdir(exist_ok=True)
        (tmp_path / "deploy" / folder).symlink_to(compose.ROOT / "deploy" / folder)
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    monkeypatch.setattr(compose, "GENERATED", tmp_path / "var/compose")
    return tmp_path


def settings(root: Path, service: str) -> dict[str, str]:
    return compose.read(root / f"services/{service}/.env")


def test_what_is_made_is_open_to_its_owner_alone(root: Path) -> None:
    compose.prepare()
    for file in (root / ".env", *(root / f"services/{name}/.env" for name in compose.SERVICES)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE((root / "var/compose").stat().st_mode) == 0o700


def test_what_is_there_is_closed_to_others(root: Path) -> None:
    """A person who wrote PUBLIC_URL and SMTP_URL into .env used their own umask."""
    files = (root / ".env", root / "services/study/.env")
    for file in files:
        file.write_text("SMTP_URL=smtp://user:word@mail.example\n")
        file.chmod(0o644)
    compose.prepare()
    compose.put(files[1], {"SECRET_KEY": "k" * 43})
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert "SMTP_URL=smtp://user:word@mail.example" in file.read_text()
    files[0].chmod(0o664)
    compose.prepare()
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_nothing_that_is_there_is_made_anew(root: Path) -> None:
    (root / "services/study/.env").write_text("SECRET_KEY=mine\n# a word of mine\nGITHUB_TOKEN=t=1\n")
    compose.prepare()
    before = {file: file.read_text() for file in root.rglob("*.env")}
    assert before
    compose.prepare()
    assert {file: file.read_text() for file in root.rglob("*.env")} == before
    study = settings(root, "study")
    assert (study["SECRET_KEY"], study["GITHUB_TOKEN"]) == ("mine", "t=1")
    assert "# a word of mine" in (root / "services/study/.env").read_text()


def test_users_knows_the_credentials_that_the_others_show(root: Path) -> None:
    compose.prepare()
    known = dict(pair.split(":", 1) for pair in settings(root, "users")["SERVICE_SECRETS"].split(","))
    assert known == {name: settings(root, name)["SERVICE_SECRET"] for name in ("study", "notification")}


def test_mysql_and_redis_have_the_services_passwords(root: Path) -> None:
    compose.prepare()
    init = (root / "var/compose/init.sql").read_text()
    users = {
        line.split()[1]: line.split(">", 1)[1].split()[0]
        for line in (root / "var/compose/users.acl").read_text().splitlines()
        if " on >" in line
    }
    assert len(users) == 9
    for name in compose.SERVICES:
        have = settings(root, name)
        assert f"CREATE USER '{name}'@'%' IDENTIFIED BY '{have['DATABASE_PASSWORD']}'" in init
        for key, url in have.items():
            if key.startswith("BROKER_URL"):
                parts = urlsplit(url)
                assert users[str(parts.username)] == parts.password


def test_a_setting_is_put_in_place_of_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# kept\nA=1\nB=2\n")
    compose.put(file, {"A": "3"})
    assert file.read_text() == "# kept\nB=2\nA=3\n"
