"""A worker that stops consuming ends itself and is restarted; a slow one is not."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from service_processes import Process, Redis, Supervisor, http, is_healthy, services, supervised

# More than a worker can process before Redis stops.
PUT = """
import uuid
from chassis.events.tasks import acknowledge_event
for _ in range(%d):
    acknowledge_event.apply_async(kwargs={"event_id": str(uuid.uuid4()), "consumer": "none"})
"""
# An event whose handler hangs: see processes.settings.
STUCK = """
import uuid
from chassis.events.tasks import consume_event
consume_event.apply_async(kwargs={"envelope": {
    "event_id": str(uuid.uuid4()), "name": "users.account_closed.v1", "producer": "users",
    "occurred_at": "2026-11-24T09:00:00+00:00", "payload": {},
}})
"""
MESSAGES = 3_000
PAUSE = 20
# The pause meets the acknowledgement of a message nearly always, but a machine may be slow just then.
PAUSES = 5
LOST = "Couldn't ack"


def is_unhealthy(process: Process) -> bool:
    return http(process)[0] == 503


def has_fewer(redis: Redis, before: int) -> bool:
    return redis.queue_length("study") < before


def pause(redis: Process, running: Supervisor, seconds: float) -> None:
    """Pause Redis."""
    redis.pause()
    pause_for(running, seconds)
    redis.resume()


def pause_for(running: Supervisor, seconds: float) -> None:
    """Wait, and restart processes that ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        running.restart_ended()
        time.sleep(0.5)


def test_a_worker_whose_acknowledgement_timed_out_takes_messages_again(tmp_path: Path, redis: Redis) -> None:
    study = services(tmp_path, redis.url, names=("study",))["study"]
    worker = study.role("worker")
    with supervised(worker) as running:
        running.wait_for("the worker is well", partial(is_healthy, worker))
        for _ in range(PAUSES):
            # A worker that went on would empty the queue as fast as a busy machine fills it.
            worker.pause()
            study.django(program=PUT % MESSAGES)
            before = redis.queue_length("study")
            worker.resume()
            running.wait_for("the worker is at work", partial(has_fewer, redis, before))
            pause(redis, running, PAUSE)
            running.wait_for("the queue is empty", lambda: redis.queue_length("study") == 0)
            running.wait_for("the worker is well", partial(is_healthy, worker))
            if LOST in worker.log_text():
                break
        assert LOST in worker.log_text(), "No acknowledgement met the pause: nothing was shown."
        assert "process_ends_itself" in worker.log_text()
        assert running.restarts["study-worker"] >= 1


def test_processes_say_that_redis_is_away_and_go_on_unaided(tmp_path: Path, redis: Redis) -> None:
    """A restart would not bring Redis back, and a short pause is not reported."""
    study = services(tmp_path, redis.url, names=("study",))["study"]
    roles = [study.role("worker"), study.role("relay", "--with-beat"), study.role("beat")]
    worker, relay, _beat = roles
    with supervised(*roles) as running:
        for process in roles:
            running.wait_for(f"{process.name} is well", partial(is_healthy, process))

        pause(redis, running, 5)
        for process in roles:
            assert http(process) == (200, "ok\n"), process.name

        redis.pause()
        for process in (worker, relay):
            running.wait_for(f"{process.name} says so", partial(is_unhealthy, process))
            assert http(process, "/healthz/live") == (200, "ok\n")
        # Longer than the time after which a stuck loop ends its process.
        pause(redis, running, 90)

        for process in roles:
            running.wait_for(f"{process.name} is well", partial(is_healthy, process))
        study.django(program=PUT % 10)
        running.wait_for("the queue is empty", lambda: redis.queue_length("study") == 0)
        assert running.restarts == {}


def test_what_was_paused_goes_on(tmp_path: Path, redis: Redis) -> None:
    """Time during which a process is stopped does not count as silence."""
    study = services(tmp_path, redis.url, names=("study",))["study"]
    roles = [study.role("worker"), study.role("relay", "--with-beat")]
    with supervised(*roles) as running:
        for process in roles:
            running.wait_for(f"{process.name} is well", partial(is_healthy, process))
        for process in roles:
            process.pause()
        study.django(program=PUT % 10)
        pause_for(running, 90)
        for process in roles:
            process.resume()
        running.wait_for("the queue is empty", lambda: redis.queue_length("study") == 0)
        for process in roles:
            running.wait_for(f"{process.name} is well", partial(is_healthy, process))
        assert running.restarts == {}


def test_a_worker_stuck_in_a_task_ends_itself(tmp_path: Path, redis: Redis) -> None:
    study = services(tmp_path, redis.url, names=("study",))["study"]
    worker = study.role("worker", DJANGO_SETTINGS_MODULE="processes.settings")
    with supervised(worker) as running:
        running.wait_for("the worker is well", partial(is_healthy, worker))
        study.django(program=STUCK)
        running.wait_for("the worker is stuck", lambda: "stuck_for_the_test" in worker.log_text())
        study.django(program=PUT % 10)
        running.wait_for("it ends itself", lambda: running.restarts.get("study-worker"))
        running.wait_for("the queue is empty", lambda: redis.queue_length("study") == 0)
    # It logs its stack.
    assert "time.sleep" in worker.log_text()
