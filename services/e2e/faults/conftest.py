from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from kill.databases import is_mysql

from faults.report import Line, table
from faults.scenario import Scenario
from faults.stack import Stack, stack

LINES: list[Line] = []


def pytest_configure() -> None:
    """Handle SIGTERM like Ctrl-C, so that fixtures are torn down."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures of every fault."""
    if LINES:
        terminalreporter.write_line(table(LINES))


@pytest.fixture(scope="session")
def lines() -> list[Line]:
    """Return the list of figures."""
    return LINES


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run all processes of the three services. Fail without MySQL."""
    if not is_mysql():
        pytest.exit(
            "No MySQL: DATABASE_HOST, DATABASE_USER and DATABASE_PASSWORD must name one.", returncode=1
        )
    with stack(tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture(scope="session")
def scenario(running: Stack) -> Scenario:
    """Return a cohort of two people."""
    return Scenario(running)
