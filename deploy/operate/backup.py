"""Back up an installation into one file, and restore it. Needs only the system's Python.

    backup.py backup [FOLDER]       write FOLDER/seodang-<time>.tar (backups/ by default); it may keep running
    backup.py restore FILE [--yes]  put back what a backup holds, in place of what is there

INSTALL=prod, dev or embedded selects the installation if there are several: compose.prod.yaml, compose.yaml
or `make demo`. A backup is a consistent snapshot of the three databases, with the keys that encrypt their
fields. A restore first reads the whole backup, then saves the current data in backups/; if it fails, it
restores that.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from compose import ROOT, SERVICES, put, read

VAR = Path(os.environ.get("DEMO_FOLDER") or ROOT / "var")
# The keys that encrypt and sign the rows.
KEYS = ("SECRET_KEY", "FIELD_KEY")
FORMAT = 1
PROCESSES = [f"{name}-{role}" for name in SERVICES for role in ("web", "worker", "relay")]
ABOUT = "about.json"
BACKUPS = ROOT / "backups"


class BackupError(Exception):
    """The backup or restore failed. The text says why and what to do."""


@dataclass(frozen=True)
class Compose:
    """An installation by compose: MySQL in a container, secrets in .env files."""

    name: str
    file: str

    def run(self, *words: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> None:
        """Run a docker compose command. Raise BackupError if it fails."""
        command = ["docker", "compose", "--file", self.file, *words]
        if subprocess.run(command, cwd=ROOT, check=False, stdin=stdin, stdout=stdout).returncode != 0:
            raise BackupError(f"`{' '.join(command)}` failed; its output is above.")

    @property
    def exists_here(self) -> bool:
        """Return True if its MySQL runs."""
        if not shutil.which("docker"):
            return False
        command = ["docker", "compose", "--file", self.file, "ps", "--quiet", "--status", "running", "mysql"]
        return bool(subprocess.run(command, cwd=ROOT, check=False, capture_output=True).stdout.strip())

    def keys(self) -> dict[str, dict[str, str]]:
        """Return the settings of each service."""
        return {name: read(ROOT / f"services/{name}/.env") for name in SERVICES}

    def save(self, into: Path) -> None:
        """Dump the three databases in one transaction."""
        dump = (
            'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysqldump -uroot --single-transaction --quick '
            "--no-tablespaces --set-gtid-purged=OFF --hex-blob --add-drop-database "
            f"--databases {' '.join(SERVICES)}"
        )
        with tempfile.TemporaryFile(dir=into) as plain, gzip.open(into / "databases.sql.gz", "wb", 6) as out:
            self.run("exec", "-T", "mysql", "sh", "-c", dump, stdout=plain)
            plain.seek(0)
            shutil.copyfileobj(plain, out)

    def check(self, source: Path) -> None:
        """Read the whole dump. Raise BackupError if it is cut off or a database is missing."""
        wanted = {f"USE `{name}`;\n".encode() for name in SERVICES}
        last = b""
        with gzip.open(source / "databases.sql.gz") as dump:
            for last in dump:
                wanted.discard(last)
        if wanted or not last.startswith(b"-- Dump completed"):
            raise BackupError("its databases are incomplete.")

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Stop the processes. load() starts them again, as does an error before it."""
        self.run("stop", *PROCESSES)
        try:
            yield
        except BaseException:
            with suppress(BackupError):
                self.run("up", "--detach", "--no-build", *PROCESSES)
            raise

    def load(self, source: Path) -> None:
        """Stop the processes, load the databases, empty the queues, and start again with migrations."""
        self.run("stop", *PROCESSES)
        with gzip.open(source / "databases.sql.gz") as dump, tempfile.TemporaryFile() as plain:
            shutil.copyfileobj(dump, plain)
            plain.seek(0)
            load = 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql -uroot'
            self.run("exec", "-T", "mysql", "sh", "-c", load, stdin=plain)
        for name, keys in read_keys(source).items():
            put(ROOT / f"services/{name}/.env", keys)
        # Queued messages may refer to rows that the restored databases do not contain.
        self.run("restart", "redis")
        self.run("up", "--detach", "--wait", "--no-build", "--force-recreate", *PROCESSES)


@dataclass(frozen=True)
class Embedded:
    """The installation of `make demo`: a SQLite file per service, secrets in files."""

    name: str = "embedded"

    @property
    def exists_here(self) -> bool:
        """Return True if there are databases."""
        return database("users").exists()

    def keys(self) -> dict[str, dict[str, str]]:
        """Return the keys of each service."""
        return {
            name: {
                key: file.read_text(encoding="utf-8").strip()
                for key in KEYS
                if (file := secret(name, key)).exists()
            }
            for name in SERVICES
        }

    def save(self, into: Path) -> None:
        """Lock the three databases against writes, so that writers wait, and copy them."""
        with ExitStack() as locks:
            for name in SERVICES:
                locks.enter_context(closing(connect(database(name)))).execute("BEGIN IMMEDIATE")
            for name in SERVICES:
                with (
                    closing(connect(database(name))) as source,
                    closing(connect(into / f"{name}.sqlite3")) as target,
                ):
                    source.backup(target)

    def check(self, source: Path) -> None:
        """Run SQLite's integrity check on each database. Raise BackupError if one is damaged."""
        for name in SERVICES:
            # SQLite would create a missing file.
            (source / f"{name}.sqlite3").open("rb").close()
            with closing(connect(source / f"{name}.sqlite3")) as found:
                (said,) = found.execute("PRAGMA integrity_check").fetchone()
            if said != "ok":
                raise BackupError(f"its database {name} is damaged: {said}.")

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Prevent the installation from starting. Raise BackupError if it runs."""
        (VAR / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        with (VAR / "run/lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BackupError("Seodang is running here. End it with Ctrl-C, then restore.") from None
            yield

    def load(self, source: Path) -> None:
        """Replace the database files and keys."""
        for name, keys in read_keys(source).items():
            for suffix in ("-wal", "-shm"):
                Path(f"{database(name)}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(source / f"{name}.sqlite3", database(name))
            for key, value in keys.items():
                secret(name, key).write_text(value + "\n", encoding="utf-8")
            # The fingerprint belongs to the replaced file; without it the next start runs the migrations.
            database(name).with_suffix(".fingerprint").unlink(missing_ok=True)


INSTALLATIONS = (Compose("prod", "compose.prod.yaml"), Compose("dev", "compose.yaml"), Embedded())


def database(service: str) -> Path:
    """Return the path of a service's database in the embedded installation."""
    return VAR / "data" / f"{service}.sqlite3"


def secret(service: str, key: str) -> Path:
    """Return the path of a secret in the embedded installation."""
    return VAR / "secrets" / f"{service}-{key.lower().replace('_', '-')}"


def connect(file: Path) -> sqlite3.Connection:
    """Open a SQLite file with explicit transactions."""
    return sqlite3.connect(file, timeout=20, isolation_level=None)


def read_keys(folder: Path) -> dict[str, dict[str, str]]:
    """Return each service's keys. Raise BackupError if some are missing."""
    keys: dict[str, dict[str, str]] = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
    if {*keys} != {*SERVICES} or not all(kept.get("SECRET_KEY") for kept in keys.values()):
        raise BackupError("its keys are incomplete.")
    return keys


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file except about.json, which stores them."""
    found = {}
    for path in folder.iterdir():
        if path.name != ABOUT:
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def selected_installation() -> Compose | Embedded:
    """Return the selected installation. Raise BackupError if there is none, or if it is ambiguous."""
    wanted = os.environ.get("INSTALL", "")
    here = [each for each in INSTALLATIONS if each.exists_here and wanted in {"", each.name}]
    if len(here) == 1:
        return here[0]
    if here:
        raise BackupError(f"Which one? INSTALL={' or INSTALL='.join(each.name for each in here)}")
    raise BackupError(
        "Nothing to work on: no MySQL of compose.prod.yaml or compose.yaml is running, and there is no"
        " var/data. A restore needs the installation to have been started once."
    )


def backup(folder: Path, *, name: str = "seodang") -> Path:
    """Write a backup and return its path."""
    installation, made_at = selected_installation(), datetime.now(UTC)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{name}-{made_at:%Y%m%dT%H%M%SZ}.tar"
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        files, unfinished = Path(temporary, "files"), Path(temporary, target.name)
        files.mkdir()
        installation.save(files)
        keys = {
            name: {key: found[key] for key in KEYS if key in found}
            for name, found in installation.keys().items()
        }
        (files / "keys.json").write_text(json.dumps(keys, indent=1), encoding="utf-8")
        installation.check(files)
        about = {
            "format": FORMAT,
            "installation": installation.name,
            "made_at": made_at.isoformat(),
            "sha256": checksums(files),
        }
        (files / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        with tarfile.open(unfinished, "w") as archive:
            for file in sorted(files.iterdir()):
                archive.add(file, file.name)
        unfinished.chmod(0o600)
        # Rename last, so that an incomplete file is never taken for a backup.
        unfinished.replace(target)
    return target


def restore(file: Path, *, ask: bool) -> None:
    """Restore a backup. Raise BackupError, with the data unchanged, if that fails."""
    installation = selected_installation()
    with tempfile.TemporaryDirectory() as opened:
        made_at = unpack(file, Path(opened), installation)
        if ask:
            print(f"This replaces everything in the {installation.name} installation by {made_at}.")
            if input("Type yes: ").strip() != "yes":
                raise BackupError("Nothing was changed.")
        with installation.offline():
            previous = back_up_current()
            try:
                installation.load(Path(opened))
            except BaseException as error:
                roll_back(installation, previous)
                if isinstance(error, (BackupError, OSError)):
                    raise BackupError(f"{file} was not restored: {error} Everything is as it was.") from None
                raise


def back_up_current() -> Path | None:
    """Back up the data that a restore replaces. Return None if it is too damaged."""
    try:
        kept = backup(BACKUPS, name="before-restore")
    except (BackupError, OSError, sqlite3.Error) as error:
        print(f"What is there now cannot be backed up: {error}", file=sys.stderr)
        return None
    print(f"What is there now is kept in {kept}.", file=sys.stderr)
    return kept


def unpack(file: Path, into: Path, installation: Compose | Embedded) -> str:
    """Unpack and verify a backup; return when it was made. Raise BackupError if it is damaged."""
    try:
        with tarfile.open(file, "r:") as archive:
            archive.extractall(into, filter="data")
        about = json.loads((into / ABOUT).read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise BackupError(f"it is of format {about['format']}; this version reads {FORMAT}.")
        if (about["installation"] == "embedded") != isinstance(installation, Embedded):
            raise BackupError(
                f"it is of an installation of kind {about['installation']}, not {installation.name}."
            )
        # The first version of the format has no checksums.
        if about.get("sha256", checksums(into)) != checksums(into):
            raise BackupError("its files are not those that were saved.")
        read_keys(into)
        installation.check(into)
        return str(about["made_at"])
    except (BackupError, OSError, EOFError, zlib.error, tarfile.TarError, sqlite3.Error, ValueError,
            LookupError, AttributeError) as error:  # fmt: skip
        raise BackupError(f"{file} is no backup that can be restored: {error} Nothing was changed.") from None


def roll_back(installation: Compose | Embedded, previous: Path | None) -> None:
    """Restore the previous data. Raise BackupError with its location if that fails too."""
    if previous is None:
        raise BackupError("The restore failed half way, and what was there could not be kept.")
    with tempfile.TemporaryDirectory() as opened:
        unpack(previous, Path(opened), installation)
        try:
            installation.load(Path(opened))
        except (BackupError, OSError) as error:
            raise BackupError(f"What was there could not be put back: {error} It is in {previous}.") from None


def main(arguments: list[str]) -> int:
    """Run the command."""
    os.umask(0o077)
    try:
        match arguments:
            case ["backup", *rest] if len(rest) < 2:
                made = backup(Path(rest[0]) if rest else BACKUPS)
                print(f"{made} ({made.stat().st_size // 1024} KiB): whoever has it has everything.")
            case ["restore", file, *rest] if rest in ([], ["--yes"]):
                restore(Path(file), ask=not rest)
                print("Restored.")
            case _:
                print(__doc__)
                return 2
    except BackupError as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
