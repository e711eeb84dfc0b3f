"""Upgrades start from the previous revision: a clone of this tree at the commit in deploy/previous."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from docker_engine import ROOT, until

# The services that mirror accounts.
CONSUMERS = ("study", "notification")
# Python to run in a service's web process.
QUEUE_LENGTH = (
    "from django.conf import settings; from redis import Redis;"
    "print(Redis.from_url(settings.BROKER_URL).llen(f'{settings.SERVICE}:{settings.SERVICE}'))"
)
NAMES = (
    "from chassis.account_mirror.models import AccountMirror;"
    "print(*AccountMirror.objects.values_list('name', flat=True))"
)
DEAD_LETTERS = "from chassis.events.models import DeadLetter; print(DeadLetter.objects.count())"


def git(folder: Path, *words: str) -> str:
    """Run git in a folder and return its output. Raise CalledProcessError if it fails."""
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def check_out(clone: Path) -> str:
    """Check out the previous revision (PREVIOUS, or the commit in deploy/previous); return this one."""
    if git(ROOT, "rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("a shallow clone has no previous revision; `git fetch --unshallow` gets it")
    current = git(clone, "rev-parse", "HEAD")
    previous = os.environ.get("PREVIOUS") or (ROOT / "deploy/previous").read_text(encoding="ascii").strip()
    assert previous != current, "an upgrade needs two revisions"
    git(clone, "checkout", "--quiet", previous)
    return current


def wait_for_name(django: Callable[[str, str], str], service: str, name: str) -> None:
    """Wait until a service has mirrored the account of that name. `django` runs Python in a service."""
    until(lambda: name in django(service, NAMES).split(), f"{name} in {service}", seconds=180)


def wait_for_queue(django: Callable[[str, str], str], service: str, *, empty: bool) -> None:
    """Wait until a service's queue is empty, or is not."""
    until(
        lambda: (int(django(service, QUEUE_LENGTH)) == 0) is empty,
        f"the queue of {service} to be {'empty' if empty else 'filled'}",
        seconds=240,
    )
