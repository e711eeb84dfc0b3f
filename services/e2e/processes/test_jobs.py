"""Every process has its service's queue and jobs, and every scheduler runs the jobs."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from service_processes import SERVICES, Process, Redis, Service, http, is_healthy, services, supervised

ROLES = [("web",), ("relay", "--with-beat"), ("relay",), ("beat",), ("worker",)]
# Prints the names of the service's periodic jobs.
LIST = """
import json
from importlib import import_module
from django.conf import settings
print(json.dumps(sorted(import_module(settings.CELERY).app.conf.beat_schedule)))
"""
# Enqueues three messages of unknown events.
PUT = """
import uuid
from chassis.events.tasks import acknowledge_event
for _ in range(3):
    acknowledge_event.apply_async(kwargs={"event_id": str(uuid.uuid4()), "consumer": "none"})
"""
# A day is 30 seconds, and nothing comes more often than each 5.
FAST = {"SCHEDULE_SCALE": "2880"}


def figures(process: Process, name: str) -> dict[str, float]:
    """Return a metric of a process by label; empty while it does not respond."""
    status, text = http(process, "/metrics")
    lines = re.findall(rf'^{name}(?:{{name="(\w+)"}})? (\S+)$', text, re.MULTILINE) if status == 200 else []
    return {label: float(value) for label, value in lines}


def shows(process: Process, name: str, jobs: set[str]) -> bool:
    """Return True if the process has a metric for exactly these jobs."""
    return set(figures(process, name)) == jobs


@pytest.mark.parametrize("name", SERVICES)
def test_every_role_has_its_services_queue_and_jobs(name: str, tmp_path: Path, redis: Redis) -> None:
    service = services(tmp_path, redis.url, names=(name,))[name]
    *others, worker = [service.role(*words) for words in ROLES]
    service.django(program=PUT)
    jobs = set(service.ask(LIST))
    assert "prune_events" in jobs
    with supervised(*others) as running:
        for process in others:
            running.wait_for(
                f"{process.command} knows the jobs",
                partial(shows, process, "seodang_job_overdue", jobs),
            )
            assert figures(process, "seodang_queue_depth")[""] >= 3, process.command
        running.processes.append(worker)
        running.wait_for("the worker takes what waits", lambda: redis.queue_length(name) == 0)
        assert set(figures(worker, "seodang_job_overdue")) == jobs
        assert running.restarts == {}


@pytest.mark.parametrize("scheduler", ["relay", "beat"])
def test_every_job_of_every_service_runs(scheduler: str, tmp_path: Path, redis: Redis) -> None:
    found = services(tmp_path, redis.url, **FAST)
    workers = [service.role("worker") for service in found.values()]
    schedulers = [with_jobs(service, scheduler) for service in found.values()]
    jobs = {name: set(service.ask(LIST)) for name, service in found.items()}
    with supervised(*workers, *schedulers) as running:
        for name, process in zip(found, schedulers, strict=True):
            running.wait_for(
                f"every job of {name} has ended well",
                partial(shows, process, "seodang_job_succeeded_timestamp_seconds", jobs[name]),
            )
            assert set(figures(process, "seodang_job_failed").values()) == {0.0}
            assert "Sending due task" in process.log_text()
            running.wait_for(f"{name} is well", partial(is_healthy, process))
        assert running.restarts == {}


def with_jobs(service: Service, scheduler: str) -> Process:
    """Return the process that schedules the periodic jobs: relay with beat, or beat."""
    return service.role("relay", "--with-beat") if scheduler == "relay" else service.role("beat")


def test_a_job_that_was_missed_runs_soon_after_the_start(tmp_path: Path, redis: Redis) -> None:
    """A daily job runs even if no process ever runs at its hour."""
    service = services(tmp_path, redis.url, names=("notification",))["notification"]
    service.django(
        program="""
from datetime import timedelta
from django.utils import timezone
from chassis.jobs.records import record_start
record_start("prune_events", at=timezone.now() - timedelta(days=2))
"""
    )
    with supervised(service.role("worker"), service.role("relay", "--with-beat")) as running:
        relay = running.processes[1]
        running.wait_for(
            "the daily job has run",
            lambda: "prune_events" in figures(relay, "seodang_job_succeeded_timestamp_seconds"),
        )
