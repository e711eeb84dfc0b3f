"""A worker that stops taking messages ends itself and is started again; a slow one is left alone."""

from __future__ import annotations

import time
from pathlib import Path

from roles import Process, Redis, Supervised, http, services, supervised

# More than a worker does while Redis is awake: it is at work whenever Redis stops.
PUT = """
import sys, uuid
from chassis.events.tasks import acknowledge_event
for _ in range(%d):
    acknowledge_event.apply_async(kwargs={"event_id": str(uuid.uuid4()), "consumer": "none"})
"""
MESSAGES = 3_000
PAUSE = 20
# The pause meets the acknowledgement of a message nearly always, but a machine may be slow just then.
PAUSES = 5
LOST = "Couldn't ack"


def pause(redis: Process, running: Supervised, seconds: float) -> None:
    """Redis answers nobody for so long."""
    redis.pause()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        running.look()
        time.sleep(0.5)
    redis.go_on()


def test_a_worker_whose_acknowledgement_timed_out_takes_messages_again(tmp_path: Path, redis: Redis) -> None:
    study = services(tmp_path, redis.url)["study"]
    worker = study.role("worker")
    with supervised(worker) as running:
        running.wait_for("the worker is well", lambda: http(worker)[0] == 200)
        for _ in range(PAUSES):
            study.django(program=PUT % MESSAGES)
            before = redis.queue_length("study")
            running.wait_for(
                "the worker is at work", lambda before=before: redis.queue_length("study") < before
            )
            pause(redis, running, PAUSE)
            running.wait_for("the queue is empty", lambda: redis.queue_length("study") == 0)
            running.wait_for("the worker is well", lambda: http(worker)[0] == 200)
            if LOST in worker.said():
                break
        assert LOST in worker.said(), "No acknowledgement met the pause: nothing was shown."
        assert "process_ends_itself" in worker.said()
        assert running.restarts["study-worker"] >= 1
