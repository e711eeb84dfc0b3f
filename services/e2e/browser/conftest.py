from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.demo import Demo, running
from chassis.testing.https_stand_in import StandIn, serve, write_certificate

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A name for a demo that is not this machine's own, as GitHub asks for.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
]


def chromium() -> str:
    """Return the path of Chromium, or of CHROMIUM. Raise RuntimeError if there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        raise RuntimeError(
            "No Chromium on PATH. On Debian: apt-get install chromium. Or name one: CHROMIUM=/path/to/it"
        )
    return path


def pytest_configure() -> None:
    """Handle SIGTERM like Ctrl-C, so that fixtures are torn down."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def push_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Return an HTTPS server that the demo may send push messages and those of chats to."""
    with serve(write_certificate(tmp_path_factory.mktemp("push"))) as found:
        yield found


@pytest.fixture(scope="session")
def demo(push_service: StandIn) -> Iterator[Demo]:
    """Return a running demo."""
    bundle = str(push_service.certificate)
    with running(OUTGOING_ALLOWED_HOSTS=push_service.host, REQUESTS_CA_BUNDLE=bundle) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless browser."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield found
        found.close()
