"""The processes of the three services with their real commands, on MySQL and a private Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from api_client import MAKE_TOKEN, SERVICES, count_unfinished
from kill.databases import collation, run_sql
from kill.processes import PYTHON, free_port, redis_server

from chassis.testing.https_stand_in import StandIn, serve, write_certificate
from faults.proxy import Proxy
from faults.smtp import MailServer

ROLES = ("web", "worker", "relay")
# A process without a response for so long is unhealthy; one late response is not enough.
SILENT_SECONDS = 15.0
STARTED_SECONDS = 120.0


@dataclass
class Running:
    """A process that is restarted when it ends."""

    service: str
    role: str
    environment: dict[str, str]
    log: Path
    health_url: str = ""
    process: subprocess.Popen[bytes] | None = None
    ended: int = 0
    unhealthy: list[float] = field(default_factory=list)
    is_healthy: bool = True
    responded_at: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        """The name in the logs."""
        return f"{self.service}-{self.role}"

    def start(self) -> None:
        """Start it; it is killed when this program ends."""
        more = ["--with-beat"] if self.role == "relay" else []
        command = ["setpriv", "--pdeathsig", "KILL", PYTHON, "-m", "chassis.entrypoint", self.role, *more]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.responded_at = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal to the process group (with gunicorn's workers)."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def stop(self) -> None:
        """Stop it."""
        if self.process is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.process = None

    def probe(self) -> None:
        """Probe its health, as an orchestrator does, and record when it is unhealthy."""
        try:
            with urllib.request.urlopen(self.health_url, timeout=3) as answer:
                answer.read()
            self.responded_at = time.monotonic()
            self.is_healthy = True
        except urllib.error.HTTPError as error:
            error.close()
            self.responded_at = time.monotonic()
            self._mark_unhealthy()
        except OSError:
            if time.monotonic() - self.responded_at > SILENT_SECONDS:
                self._mark_unhealthy()

    def _mark_unhealthy(self) -> None:
        self.is_healthy = False
        self.unhealthy.append(time.monotonic())


class Stack:
    """All processes, databases and proxies of a run."""

    def __init__(
        self,
        folder: Path,
        databases: Mapping[str, Mapping[str, str]],
        mail: MailServer,
        push_service: StandIn,
    ) -> None:
        self.folder, self.mail, self.push_service = folder, mail, push_service
        self.push_proxy = Proxy("127.0.0.1", push_service.port)
        self.redis_port = free_port()
        self.redis_process: subprocess.Popen[bytes] | None = None
        self.databases = databases
        self.start_redis()
        self.redis = redis.Redis(port=self.redis_port, socket_timeout=5)
        self.redis_proxy = Proxy("127.0.0.1", self.redis_port)
        first = databases["study"]
        self.mysql_proxy = Proxy(first["DATABASE_HOST"], int(first.get("DATABASE_PORT", "3306")))
        self.ports = {service: free_port() for service in SERVICES}
        self.processes = [self._process(service, role) for role in ROLES for service in SERVICES]
        self._ended = threading.Event()
        self._prober = threading.Thread(target=self._probe, daemon=True, name="prober")

    def start_redis(self) -> None:
        """Start a Redis without persistence."""
        command = ["setpriv", "--pdeathsig", "KILL", redis_server(), "--port", str(self.redis_port)]
        command += ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as out:
            self.redis_process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)

    def of(self, role: str) -> list[Running]:
        """Return the three services' processes of a role."""
        return [process for process in self.processes if process.role == role]

    def environment(self, service: str, *, through_proxies: bool = True) -> dict[str, str]:
        """Return the settings of a service."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        database = dict(self.databases[service])
        broker = self.redis_port
        if through_proxies:
            database |= {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(self.mysql_proxy.port)}
            broker = self.redis_proxy.port
        secrets = {name: f"only-for-the-fault-tests-of-{name}-0123456789" for name in SERVICES}
        return {
            **kept,
            **database,
            "DJANGO_SETTINGS_MODULE": f"{service}.settings",
            "PUBLIC_URL": "http://localhost",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "SECRET_KEY": secrets[service],
            # Mail is expected at any hour.
            "QUIET_HOURS": "",
            "FIELD_KEY": "b25seS1mb3ItdGhlLWtpbGwtdGVzdC1vZi1ldmVudHM=",
            "SERVICE_SECRET": secrets[service],
            "SERVICE_SECRETS": ",".join(f"{name}:{secrets[name]}" for name in ("study", "notification")),
            "USERS_URL": f"http://127.0.0.1:{self.ports['users']}",
            "STUDY_URL": f"http://127.0.0.1:{self.ports['study']}",
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "BROKER_URL": f"redis://127.0.0.1:{broker}/0",
            "LISTEN": f"127.0.0.1:{self.ports[service]}",
            "OUTGOING_ALLOWED_HOSTS": f"127.0.0.1:{self.push_proxy.port}",
            "REQUESTS_CA_BUNDLE": str(self.push_service.certificate),
        }

    def _process(self, service: str, role: str) -> Running:
        metrics = free_port()
        environment = self.environment(service) | {"METRICS_PORT": str(metrics)}
        log = self.folder / f"{service}-{role}.log"
        return Running(service, role, environment, log, f"http://127.0.0.1:{metrics}/healthz")

    def start(self) -> None:
        """Migrate, start every process and wait until all are up."""
        migrations = [
            subprocess.Popen(
                [PYTHON, "-m", "chassis.entrypoint", "migrate"],
                env=self.environment(service),
                stdout=subprocess.DEVNULL,
            )
            for service in SERVICES
        ]
        assert [migration.wait(300) for migration in migrations] == [0, 0, 0]
        for process in self.processes:
            process.start()
        self.wait_until(self.is_up, "every process is up", seconds=STARTED_SECONDS)
        self._prober.start()

    def is_up(self) -> bool:
        """Return True if every web process responds and every worker and relay has started."""
        marks = {"worker": b" ready.", "relay": b"relay_started"}
        for process in self.processes:
            if process.role == "web":
                try:
                    urllib.request.urlopen(
                        f"http://127.0.0.1:{self.ports[process.service]}/healthz/ready", timeout=3
                    ).close()
                except OSError:
                    return False
            elif marks[process.role] not in process.log.read_bytes():
                return False
        return True

    def stop(self) -> None:
        """Stop everything."""
        self._ended.set()
        for process in self.processes:
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
        for process in self.processes:
            process.stop()
        if self.redis_process is not None:
            self.redis_process.send_signal(signal.SIGCONT)
            self.redis_process.terminate()
            self.redis_process.wait(10)
        self._prober.join(10)
        self.redis.close()
        self.redis_proxy.close()
        self.push_proxy.close()
        self.mysql_proxy.close()

    def watch(self, seconds: float) -> None:
        """Wait, and restart processes that ended."""
        deadline = time.monotonic() + seconds
        while True:
            for process in self.processes:
                if process.process is not None and process.process.poll() is not None:
                    process.ended += 1
                    process.start()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.25))

    def wait_until(self, is_so: Callable[[], object], what: str, *, seconds: float) -> float:
        """Wait for a condition; return the seconds. Raise AssertionError after the timeout."""
        began = time.monotonic()
        while not is_so():
            assert time.monotonic() - began < seconds, (
                f"waited {seconds:.0f} s for: {what}; {self.outstanding()}"
            )
            self.watch(0.5)
        return time.monotonic() - began

    def backlog(self) -> dict[str, int]:
        """Return the backlog: unacknowledged events, due mails, queued messages."""

        def count(service: str, table: str, condition: str) -> int:
            database = self.databases[service]["DATABASE_NAME"]
            ((rows,),) = run_sql(f"SELECT COUNT(*) FROM `{database}`.{table} WHERE {condition}")
            return int(rows)

        outstanding = count_unfinished(count)
        for service in SERVICES:
            for key in (f"{service}:{service}", f"{service}:{service}\x06\x169"):
                if waiting := int(self.redis.llen(key)):
                    outstanding[f"messages of {service}"] = (
                        outstanding.get(f"messages of {service}", 0) + waiting
                    )
        return outstanding

    def outstanding(self) -> dict[str, int]:
        """Return the backlog, and the number of unhealthy processes."""
        unhealthy = sum(not process.is_healthy for process in self.processes)
        return self.backlog() | ({"processes ill": unhealthy} if unhealthy else {})

    def dead_letters(self) -> int:
        """Return the number of dead letters."""
        return sum(
            int(
                run_sql(
                    f"SELECT COUNT(*) FROM `{self.databases[service]['DATABASE_NAME']}`.events_deadletter"
                    " WHERE given_up_at IS NOT NULL"
                )[0][0]
            )
            for service in SERVICES
        )

    def manage(self, service: str, *words: str, stdin: str = "") -> str:
        """Run a Django command of a service without the proxies; return its output."""
        done = subprocess.run(
            [PYTHON, "-m", "django", *words],
            env=self.environment(service, through_proxies=False),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(words[:1])}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def make_owner(self, name: str) -> str:
        """Create an owner of the installation; return a personal access token."""
        email = f"{name}@example.org"
        words = ("create_owner", "--email", email, "--name", name, "--password-stdin")
        self.manage("users", *words, stdin="eleven patient herons\n")
        said = self.manage("users", "shell", "--no-imports", "--command", MAKE_TOKEN.format(email=email))
        return said.split()[-1]

    def _probe(self) -> None:
        while not self._ended.wait(1.0):
            threads = [threading.Thread(target=process.probe, daemon=True) for process in self.processes]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(4)

    def unhealthy(self) -> int:
        """Return the number of unhealthy processes since the last call."""
        count = sum(bool(process.unhealthy) for process in self.processes)
        for process in self.processes:
            process.unhealthy.clear()
        return count

    def ended(self) -> int:
        """Return the number of restarts since the last call."""
        count = sum(process.ended for process in self.processes)
        for process in self.processes:
            process.ended = 0
        return count


@contextmanager
def stack(folder: Path, *, rate: float | None = None) -> Iterator[Stack]:
    """Run a stack on new databases of the MySQL server; drop them afterwards."""
    given = {name: value for name, value in os.environ.items() if name.startswith("DATABASE_")}
    # Named like test databases, for which the user has permissions.
    names = {
        service: f"test_{given.get('DATABASE_NAME', 'seodang')}_faults_{service}" for service in SERVICES
    }
    mail = MailServer(rate)
    mail.start()
    try:
        for name in names.values():
            run_sql(f"DROP DATABASE IF EXISTS `{name}`", f"CREATE DATABASE `{name}` {collation()}")
        databases = {service: {**given, "DATABASE_NAME": name} for service, name in names.items()}
        with serve(write_certificate(folder)) as push_service:
            here = Stack(folder, databases, mail, push_service)
            try:
                here.start()
                yield here
            finally:
                here.stop()
    finally:
        mail.stop()
        run_sql(*(f"DROP DATABASE IF EXISTS `{name}`" for name in names.values()))
