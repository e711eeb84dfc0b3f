"""A clone of this tree with its own compose installation."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from docker_engine import ROOT, docker, until

# Tables of transient data, and of the periodic jobs' records.
TRANSIENT_TABLES = {
    "django_session",
    "django_migrations",
    "events_outboxevent",
    "events_processedevent",
    "jobs_jobrecord",
    "github_githublimit",
}
# Columns in which the periodic jobs schedule the polling of GitHub.
POLLED_COLUMNS = {
    "github_repository": "polled_at",
    "github_pullrequest": "polled_at",
    "github_timelineevent": "compare_due_at",
}


@dataclass
class Clone:
    """The clone's folder, and the environment of its commands."""

    folder: Path
    environment: Mapping[str, str]
    file: str
    _log: Path = field(init=False)

    def __post_init__(self) -> None:
        self._log = self.folder.parent / "make.log"

    def make(self, *words: str, typed: str = "", timeout: float = 300) -> str:
        """Run make and return its output. Raise AssertionError if it fails."""
        done = self._run(words, {}, typed, timeout)
        assert done.returncode == 0, f"make {' '.join(words)}:\n{done.stdout[-4000:]}"
        return done.stdout

    def make_fails(self, *words: str, settings: Mapping[str, str] | None = None, timeout: float = 300) -> str:
        """Run make with these settings and return its output. Raise AssertionError unless it fails."""
        done = self._run(words, settings or {}, "", timeout)
        assert done.returncode != 0, f"make {' '.join(words)} did not fail:\n{done.stdout[-4000:]}"
        return done.stdout

    def _run(
        self, words: tuple[str, ...], settings: Mapping[str, str], typed: str, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *words], cwd=self.folder, env={**self.environment, **settings}, input=typed,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    @contextmanager
    def in_the_foreground(self, target: str) -> Iterator[float]:
        """Run make until the block ends, then send Ctrl-C; yield the start time."""
        with self._log.open("a") as log:
            process = subprocess.Popen(
                ["make", target], cwd=self.folder, env=self.environment,
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            try:
                yield time.monotonic()
                assert process.poll() is None, self.log_tail()
            finally:
                os.killpg(process.pid, signal.SIGINT)
                try:
                    process.wait(120)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def log_tail(self) -> str:
        """Return the end of the log of the foreground process."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def compose(self, *words: str) -> str:
        """Run docker compose on the installation."""
        return docker("compose", "--file", self.file, *words, cwd=self.folder, env=self.environment)

    def container(self, service: str) -> str:
        """Return the id of a service's container."""
        return self.compose("ps", "--all", "--quiet", service)

    def rows(self) -> dict[str, list[str]]:
        """Return the rows by table, without transient data."""
        found: dict[str, list[str]] = {}
        for database in ("users", "study", "notification"):
            # Without --set-gtid-purged it prints a warning, in the middle of a line of its output.
            dump = (
                "mysqldump -uroot --set-gtid-purged=OFF --compact --no-create-info --skip-extended-insert"
                f" --hex-blob {database}"
            )
            for line in self.mysql(dump).splitlines():
                if line.startswith("INSERT INTO `") and (table := line.split("`")[1]) not in TRANSIENT_TABLES:
                    found.setdefault(f"{database}.{table}", []).append(line)
        for table, column in POLLED_COLUMNS.items():
            columns = self.sql(
                "SELECT GROUP_CONCAT('t.', column_name ORDER BY ordinal_position)"
                " FROM information_schema.columns"
                f" WHERE table_schema = 'study' AND table_name = '{table}' AND column_name <> '{column}'"
            )
            found[f"study.{table}"] = self.sql(f"SELECT {columns.strip()} FROM study.{table} t").splitlines()
        return {table: sorted(lines) for table, lines in found.items()}

    def changed_rows(self, before: Mapping[str, list[str]]) -> dict[str, dict[str, list[str]]]:
        """Return by table which rows are missing or new since `rows()` returned `before`."""
        now = self.rows()
        changes: dict[str, dict[str, list[str]]] = {}
        for table in sorted(before.keys() | now.keys()):
            was, is_now = set(before.get(table, ())), set(now.get(table, ()))
            if was != is_now:
                changes[table] = {"missing": sorted(was - is_now), "new": sorted(is_now - was)}
        return changes

    def sql(self, statement: str) -> str:
        """Run an SQL statement as root and return its output."""
        return self.mysql(
            f'mysql -uroot --default-character-set=utf8mb4 --skip-column-names -e "{statement}"'
        )

    def mysql(self, command: str) -> str:
        """Run a MySQL program as root and return its output."""
        return self.compose("exec", "-T", "mysql", "sh", "-c", f'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" {command}')


@contextmanager
def clone(folder: Path, file: str, **environment: str) -> Iterator[Clone]:
    """Clone the committed tree; remove its containers and volumes afterwards."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "seodang")], check=True)
    # Do not pass the variables of an outer make to the clone's.
    mine = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "A"}
    }
    found = Clone(folder / "seodang", {**mine, **environment}, file)
    try:
        yield found
    finally:
        found.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")


def page(url: str) -> str:
    """GET a URL and return the body. Raise OSError unless it succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        refused.close()
        raise


def wait_until_usable(url: str, what: str, *, seconds: float) -> float:
    """Wait for the sign-in form; return the seconds."""
    return until(lambda: "</form>" in page(f"{url}/accounts/login/"), what, seconds=seconds)
