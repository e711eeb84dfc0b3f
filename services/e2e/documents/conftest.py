from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import got_request_exception
from django.utils import timezone
from joserfc import jwt

from documents.callers import SEED, Ids, Person

# A run with fewer cases fails.
MIN_CASES = 500


@dataclass
class Tally:
    """The response statuses by operation."""

    statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def sent(self) -> int:
        return sum(counter.total() for counter in self.statuses.values())

    def never_succeeded(self) -> list[str]:
        """Return the operations that never succeeded."""
        return [name for name, found in self.statuses.items() if all(status >= 400 for status in found)]


TALLY = Tally()


@pytest.fixture(scope="session")
def tally() -> Tally:
    return TALLY


@pytest.fixture(scope="session")
def rows() -> Any:
    return import_module(f"documents.rows.{settings.SERVICE}")


@pytest.fixture(scope="session")
def people(rows: Any, django_db_setup: None, django_db_blocker: Any) -> list[Person]:
    """Fill the run's database, with the same ids in every run."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", random.Random(SEED).randbytes)
        return list(rows.fill(timezone.now()))


@pytest.fixture(scope="session")
def ids(rows: Any, people: list[Person], django_db_blocker: Any) -> Ids:
    with django_db_blocker.unblock():
        return Ids(rows.KNOWN)


@pytest.fixture(scope="session")
def token_of(signing_key: Any) -> Callable[[Person], str]:
    """Return a function that creates a person's token."""

    def mint(person: Person) -> str:
        now = time.time()
        body = {
            "iss": settings.PUBLIC_URL,
            "aud": [settings.SERVICE],
            "sub": str(person.account_id),
            "nbf": now - 1,
            "exp": now + 3600,
            "use": "access",
            "scope": "read write",
            **person.claims,
        }
        return jwt.encode({"alg": "Ed25519", "kid": "tests"}, body, signing_key, algorithms=["Ed25519"])

    return mint


@pytest.fixture
def raised() -> Iterator[list[BaseException]]:
    """Collect unhandled exceptions of views, to explain a 500."""
    found: list[BaseException] = []

    def keep(**_: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            found.append(error)

    got_request_exception.connect(keep)
    yield found
    got_request_exception.disconnect(keep)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if TALLY.sent < MIN_CASES and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if TALLY.sent < MIN_CASES:
        terminalreporter.write_line(f"Only {TALLY.sent} cases were sent; {MIN_CASES} are the minimum.")
    total: Counter[int] = Counter()
    for found in TALLY.statuses.values():
        total.update(found)
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(total.items()))
    terminalreporter.write_line(
        f"{settings.SERVICE}: {TALLY.sent} cases over {len(TALLY.statuses)} operations ({answers})"
    )
    for name in sorted(TALLY.never_succeeded()):
        rejections = ", ".join(f"{status}: {count}" for status, count in sorted(TALLY.statuses[name].items()))
        terminalreporter.write_line(f"  never answered below 400: {name} ({rejections})")
