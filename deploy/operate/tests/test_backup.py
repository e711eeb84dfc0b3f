"""Backups of the embedded installation; `make test-compose` proves those of MySQL."""

from __future__ import annotations

import fcntl
import io
import json
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

import backup
from compose import SERVICES


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of three databases, one row each, and their keys."""
    monkeypatch.setattr(backup, "VAR", tmp_path / "var")
    monkeypatch.setattr(backup, "BACKUPS", tmp_path / "kept")
    monkeypatch.setenv("INSTALL", "embedded")
    for folder in ("data", "secrets"):
        (tmp_path / "var" / folder).mkdir(parents=True)
    for name in SERVICES:
        with closing(sqlite3.connect(backup.database(name))) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("CREATE TABLE t (n INTEGER)")
            db.commit()
        backup.secret(name, "SECRET_KEY").write_text(f"key of {name}\n")
        write(name, 1)
    return tmp_path / "var"


def write(service: str, n: int) -> None:
    with closing(sqlite3.connect(backup.database(service), timeout=20)) as db:
        db.execute("INSERT INTO t VALUES (?)", (n,))
        db.commit()


def rows(service: str) -> list[int]:
    with closing(sqlite3.connect(backup.database(service))) as db:
        return [n for (n,) in db.execute("SELECT n FROM t ORDER BY n")]


def test_what_was_there_comes_back_with_its_keys(var: Path, tmp_path: Path) -> None:
    made = backup.backup(tmp_path / "backups")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    for name in SERVICES:
        write(name, 2)
        backup.secret(name, "SECRET_KEY").write_text("another\n")
    backup.restore(made, ask=False)
    for name in SERVICES:
        assert rows(name) == [1]
        assert backup.secret(name, "SECRET_KEY").read_text() == f"key of {name}\n"
    assert [file.name for file in (tmp_path / "backups").iterdir()] == [made.name]


def test_the_three_are_of_one_moment_though_writers_go_on(var: Path, tmp_path: Path) -> None:
    """Who writes first to users and then to notification is never caught with only the second."""
    over = threading.Event()

    def writer() -> None:
        n = 2
        while not over.is_set():
            write("users", n)
            write("notification", n)
            n += 1

    going = threading.Thread(target=writer)
    going.start()
    try:
        made = [backup.backup(tmp_path / f"backups{n}") for n in range(5)]
    finally:
        over.set()
        going.join()
    caught = []
    for file in made:
        backup.restore(file, ask=False)
        caught.append(len(rows("users")))
        assert rows("users")[: len(rows("notification"))] == rows("notification")
        assert len(rows("users")) - len(rows("notification")) in {0, 1}
    assert caught == sorted(caught)
    assert caught[-1] > 1


def test_a_running_installation_is_not_restored(var: Path, tmp_path: Path) -> None:
    made = backup.backup(tmp_path / "backups")
    (var / "run").mkdir()
    with (var / "run/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(backup.BackupError, match="End it with Ctrl-C"):
            backup.restore(made, ask=False)


@pytest.mark.parametrize("content", [b"", b"noise", b"\x1f\x8bnoise"])
def test_what_is_no_backup_is_refused_and_changes_nothing(var: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.tar"
    file.write_bytes(content)
    with pytest.raises(backup.BackupError, match="is no backup that can be restored"):
        backup.restore(file, ask=False)
    assert rows("users") == [1]


def changed(made: Path, name: str, content: bytes | None) -> Path:
    """The same backup with another file of that name, or without it, and with no checksums."""
    target = made.with_name("changed.tar")
    with tarfile.open(made) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            body = old.extractfile(member)
            assert body
            data = body.read()
            if member.name == "about.json":
                data = (
                    json.dumps({**json.loads(data), "sha256": None}).replace(', "sha256": null', "").encode()
                )
            if member.name == name:
                if content is None:
                    continue
                data = content
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notification.sqlite3", b"noise" * 1000, "file is not a database"),
        ("notification.sqlite3", None, "No such file"),
        ("keys.json", b"noise", "Expecting value"),
        ("keys.json", b"[]", "keys are incomplete"),
        ("keys.json", b'{"users": {"SECRET_KEY": "k"}}', "keys are incomplete"),
        ("keys.json", b'{"users": 1, "study": 1, "notification": 1}', "is no backup that can be restored"),
        ("about.json", b"{}", "format"),
    ],
)
def test_a_backup_that_lacks_something_changes_nothing(
    var: Path, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    made = backup.backup(tmp_path / "backups")
    write("users", 2)
    with pytest.raises(backup.BackupError, match=said):
        backup.restore(changed(made, name, content), ask=False)
    assert rows("users") == [1, 2]
    assert not (tmp_path / "kept").exists()


def test_a_backup_is_refused_for_any_flipped_or_missing_byte(var: Path, tmp_path: Path) -> None:
    """Where a byte means nothing to tar or to SQLite, the checksum knows it."""
    whole = backup.backup(tmp_path / "backups").read_bytes()
    backup.secret("users", "SECRET_KEY").write_text("another\n")
    damaged = tmp_path / "damaged.tar"
    keys = whole.index(b'{\n "users"')
    databases = [whole.index(b"SQLite format 3") + offset for offset in (3, 50, 4000, 8000)]
    for place in (*range(keys, keys + 100, 7), *databases):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(backup.BackupError, match="Nothing was changed"):
            backup.restore(damaged, ask=False)
    for length in (0, 1, 511, 512, len(whole) // 3, len(whole) // 2):
        damaged.write_bytes(whole[:length])
        with pytest.raises(backup.BackupError, match="Nothing was changed"):
            backup.restore(damaged, ask=False)
    assert backup.secret("users", "SECRET_KEY").read_text() == "another\n"


def test_a_restore_that_fails_half_way_leaves_what_was_there(
    var: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = backup.backup(tmp_path / "backups")
    for name in SERVICES:
        write(name, 2)
        backup.secret(name, "SECRET_KEY").write_text("another\n")
    fingerprint = backup.database("notification").with_suffix(".fingerprint")
    # What cannot be removed fails after the databases were replaced.
    fingerprint.mkdir()
    with pytest.raises(backup.BackupError, match=r"could not be put back.* It is in .*before-restore"):
        backup.restore(made, ask=False)
    fingerprint.rmdir()
    (kept,) = (tmp_path / "kept").iterdir()
    backup.restore(kept, ask=False)
    for name in SERVICES:
        assert rows(name) == [1, 2]
        assert backup.secret(name, "SECRET_KEY").read_text() == "another\n"


def test_what_a_restore_replaces_is_kept_and_can_be_restored(var: Path, tmp_path: Path) -> None:
    made = backup.backup(tmp_path / "backups")
    write("users", 2)
    backup.restore(made, ask=False)
    assert rows("users") == [1]
    (kept,) = (tmp_path / "kept").iterdir()
    backup.restore(kept, ask=False)
    assert rows("users") == [1, 2]


def test_a_damaged_installation_can_be_restored(var: Path, tmp_path: Path) -> None:
    made = backup.backup(tmp_path / "backups")
    backup.database("study").write_bytes(b"noise" * 1000)
    backup.restore(made, ask=False)
    assert rows("study") == [1]


def test_without_a_yes_nothing_changes(var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = backup.backup(tmp_path / "backups")
    write("users", 2)
    monkeypatch.setattr("builtins.input", lambda _prompt: "no")
    with pytest.raises(backup.BackupError, match="Nothing was changed"):
        backup.restore(made, ask=True)
    assert rows("users") == [1, 2]


def test_where_there_is_nothing_it_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backup, "VAR", tmp_path)
    monkeypatch.setenv("INSTALL", "embedded")
    assert backup.main(["backup"]) == 1
    assert "to have been started once" in capsys.readouterr().err
