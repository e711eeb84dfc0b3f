"""The pytest plugin of every service: an environment, and fixtures.

Importing it sets environment variables. Tests of whole processes, which would inherit them, import the other
modules of chassis.testing alone.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import ISSUER

pytest_plugins = [
    "chassis.testing.clients",
    "chassis.testing.event_pipe",
    "chassis.testing.peers",
    "chassis.testing.redis",
]
_ENVIRONMENT = {
    "PUBLIC_URL": ISSUER,
    "SECRET_KEY": "a-key-for-tests-alone-0123456789abcdefghijk",
    "FIELD_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "SERVICE_SECRET": "a-credential-for-tests-alone-0123456789",
    "SERVICE_SECRETS": "study:a-credential-for-tests-alone-0123456789,"
    "notification:another-credential-for-tests-0123456789",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "USERS_URL": "http://127.0.0.1:1",
    "STUDY_URL": "http://127.0.0.1:1",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
if "DATABASE_HOST" not in os.environ:
    os.environ.setdefault("DATABASE_PATH", str(Path(tempfile.mkdtemp(prefix="seodang-test-")) / "db.sqlite3"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On MySQL, deselect what asks no database: it is the same there, and runs on SQLite."""
    if "DATABASE_HOST" not in os.environ:
        return
    left_out = [item for item in items if not _asks_database(item)]
    items[:] = [item for item in items if _asks_database(item)]
    config.hook.pytest_deselected(items=left_out)
    if hasattr(config, "workeroutput"):
        config.workeroutput["deselected"] = len(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Print how many tests a worker of pytest-xdist has deselected. Without workers pytest does."""
    count = getattr(node, "workeroutput", {}).get("deselected")
    if count and node.gateway.id == "gw0":
        reporter = node.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(f"\n{count} tests are deselected: they ask no database")


def _asks_database(item: pytest.Item) -> bool:
    # A test with a condition may be one that runs on MySQL alone.
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("skipif")
    return bool(marked) or not {"db", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", []))
