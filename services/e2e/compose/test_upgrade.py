"""`make prod` on the previous revision, then on this one: data and queued messages survive."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import previous
from docker_engine import docker, require_docker

from compose.installation import Clone, clone

require_docker()

SETTINGS = {
    "COMPOSE_PROJECT_NAME": "seodang-upgrade-e2e",
    "PUBLIC_URL": "https://localhost",
    "SMTP_URL": "smtp://mail.example.invalid:25",
}


def test_data_and_queued_messages_survive_an_upgrade(tmp_path: Path) -> None:
    with clone(tmp_path, "compose.prod.yaml", **SETTINGS) as installation:
        django = partial(run_django, installation)
        current = previous.check_out(installation.folder)
        installation.make("prod", timeout=900)
        create_owner(installation, "First")
        for service in previous.CONSUMERS:
            previous.wait_for_name(django, service, "First")

        installation.compose("stop", *(f"{service}-worker" for service in previous.CONSUMERS))
        create_owner(installation, "Second")
        for service in previous.CONSUMERS:
            previous.wait_for_queue(django, service, empty=False)
            assert "Second" not in django(service, previous.NAMES)

        previous.git(installation.folder, "checkout", "--quiet", current)
        installation.make("prod", timeout=900)
        for service in previous.CONSUMERS:
            previous.wait_for_queue(django, service, empty=True)
            previous.wait_for_name(django, service, "Second")
            assert "First" in django(service, previous.NAMES)
            assert django(service, previous.DEAD_LETTERS) == "0"


def create_owner(installation: Clone, name: str) -> None:
    """Create an owner of the installation, which publishes an event to study and notification."""
    words = ("create_owner", "--email", f"{name.lower()}@example.org", "--name", name, "--password-stdin")
    web = installation.container("users-web")
    docker("exec", "-i", web, "python", "-m", "django", *words, input="eleven patient herons\n")


def run_django(installation: Clone, service: str, code: str) -> str:
    """Run Python in a service's web container; return what it prints."""
    shell = ("exec", "-T", f"{service}-web", "python", "-m", "django", "shell", "--no-imports")
    return installation.compose(*shell, "--command", code)
