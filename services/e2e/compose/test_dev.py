"""`make dev` from a bare clone, as a developer uses it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from docker_engine import inspect, require_docker, until

from compose.installation import Clone, clone, page, wait_until_usable

require_docker()

URL = "http://localhost:8600"
FIRST, NEXT = 300, 180


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Return a fresh clone."""
    given = {
        "COMPOSE_PROJECT_NAME": "seodang-e2e",
        "PORT": "8600",
        "MYSQL_PORT": "3607",
        "PUBLIC_URL": URL,
    }
    with clone(tmp_path_factory.mktemp("dev"), "compose.yaml", **given) as found:
        yield found


def test_from_a_bare_clone_to_work_and_back(dev: Clone) -> None:
    """One long test, because each start takes time: start, seed, use, change, kill, stop, restart."""
    with dev.in_the_foreground("dev"):
        print_limit("the first page", wait_until_usable(URL, "the first start", seconds=FIRST), FIRST)
        assert "operator" in dev.make("dev-seed")
        main_job(dev)
        check_live_reload(dev)
        check_restarts(dev)
        rows = dev.rows()
        backup = dev.make("backup", "INSTALL=dev").split(" ", 1)[0]
    dev.make("dev-down")
    assert not dev.container("mysql")

    with dev.in_the_foreground("dev"):
        print_limit("the second start", wait_until_usable(URL, "the second start", seconds=NEXT), NEXT)
        assert not dev.changed_rows(rows)
    dev.make("dev-reset", "A=--yes")

    with dev.in_the_foreground("dev"):
        wait_until_usable(URL, "a start without data", seconds=FIRST)
        assert dev.sql("SELECT COUNT(*) FROM users.accounts_account") == "0"
        dev.make("restore", f"FROM={backup}", "A=--yes", "INSTALL=dev")
        assert not dev.changed_rows(rows)
        wait_until_usable(URL, "the restored installation", seconds=NEXT)


def print_limit(what: str, took: float, most: float) -> None:
    """Print a duration and its limit."""
    print(f"\n{what}: {took:.1f} s (at most {most:.0f})", flush=True)


def main_job(dev: Clone) -> None:
    """Run the main scenario in a browser, with the accounts of `make dev-seed`."""
    dev.make("test-journeys", f"BASE={URL}", f"DEMO_FOLDER={dev.folder}/var/dev", timeout=900)


def check_live_reload(dev: Clone) -> None:
    """Change a view and a template, and wait for the result."""
    urls = dev.folder / "services/users/users/urls.py"
    template = next((dev.folder / "services/users/users").rglob("account/login.html"))
    view = (
        "from django.http import HttpResponse\n"
        "urlpatterns.insert(0, path('accounts/live/', lambda r: HttpResponse('{}')))\n"
    )
    was = urls.read_text(encoding="utf-8")
    urls.write_text(was + view.format("live"), encoding="utf-8")
    print_limit(
        "a saved view", until(lambda: page(f"{URL}/accounts/live/") == "live", "the view", seconds=NEXT), NEXT
    )
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("</form>", "</form><!--live-->"), encoding="utf-8")
    shown = until(lambda: "<!--live-->" in page(f"{URL}/accounts/login/"), "the template", seconds=NEXT)
    print_limit("a saved template", shown, NEXT)


def check_restarts(dev: Clone) -> None:
    """Kill processes and wait for their restart."""
    for service in ("study-web", "users-worker", "redis"):
        container = dev.container(service)
        state = inspect(container)
        os.kill(state["State"]["Pid"], signal.SIGKILL)
        until(lambda: inspect(container)["RestartCount"] > state["RestartCount"], service, seconds=NEXT)  # noqa: B023
        until(lambda: inspect(container)["State"]["Health"]["Status"] == "healthy", service, seconds=NEXT)  # noqa: B023
    wait_until_usable(URL, "a page after the kills", seconds=NEXT)
    backlog = " + ".join(
        f"(SELECT COUNT(*) FROM {name}.events_outboxevent WHERE acknowledged_at IS NULL)"
        for name in ("users", "study", "notification")
    )
    until(lambda: dev.sql(f"SELECT {backlog}") == "0", "every event to arrive", seconds=120, every=1)
    # A worker that was killed keeps its claim on a message for some time; the next attempt changes rows.
    due = (
        "SELECT COUNT(*) FROM notification.delivery_delivery"
        " WHERE next_attempt_at < UTC_TIMESTAMP() + INTERVAL 10 MINUTE"
    )
    until(lambda: dev.sql(due) == "0", "every message to be sent", seconds=NEXT, every=1)
