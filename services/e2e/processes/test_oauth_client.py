"""The GitHub App's OAuth client reaches users, also while users does not answer, and at each rotation."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from kill.processes import free_port
from service_processes import Process, Redis, services, supervised, wait_for

SECRETS = {name: f"only-for-tests-of-{name}-0123456789-0123456789" for name in ("study", "notification")}
FIRST, SECOND = "first-client-secret-0123456789", "second-client-secret-0123456789"
# The owner's two presses, without GitHub: the App that its answer to the manifest's code describes.
CONNECT = """
import sys, uuid
from django.utils import timezone
from study.installations.actions.app import create_app
from study.installations.rules.payloads import Conversion
conversion = Conversion(
    id=7, name="Seodang", html_url="https://github.com/apps/seodang", client_id="Iv1.client",
    client_secret=sys.argv[1], pem="a private key",
)
create_app(conversion=conversion, by=uuid.uuid4(), at=timezone.now())
"""
ROTATE = """
import sys
from django.utils import timezone
from study.installations.actions.app import update_credentials
update_credentials(client_secret=sys.argv[1], private_key="", webhook_secret="", at=timezone.now())
"""
STORED = """
import json
from users.accounts.queries import github_oauth_client
print(json.dumps(github_oauth_client()))
"""


def offers_github(web: Process) -> bool:
    """Return True if the sign-in page has the button of GitHub; False while users does not answer."""
    request = urllib.request.Request(
        f"http://{web.environment['LISTEN']}/accounts/login/", headers={"Host": "localhost"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return "/accounts/github/login/" in answer.read().decode()
    except OSError:
        return False


def test_it_arrives_once_users_answers_and_again_after_a_rotation(tmp_path: Path, redis: Redis) -> None:
    port = free_port()
    found = services(
        tmp_path,
        redis.url,
        USERS_URL=f"http://localhost:{port}",
        SERVICE_SECRET=SECRETS["study"],
        SERVICE_SECRETS=",".join(f"{name}:{secret}" for name, secret in SECRETS.items()),
        STATIC_ROOT=str(tmp_path / "static"),
        # A minute is five seconds.
        SCHEDULE_SCALE="2880",
    )
    study, users = found["study"], found["users"]
    users_web = users.role("web", LISTEN=f"127.0.0.1:{port}")
    worker, beat = study.role("worker"), study.role("beat")
    users.django("collectstatic", "--no-input", "--verbosity", "0")
    study.django(FIRST, program=CONNECT)
    with supervised(worker, beat) as running:
        running.wait_for("users does not answer", lambda: "oauth_client_not_sent" in worker.log_text())

        running.processes.append(users_web)
        running.wait_for("people can sign in with GitHub", lambda: offers_github(users_web))
        assert users.ask(STORED) == ["Iv1.client", FIRST]

        users_web.pause()
        study.django(SECOND, program=ROTATE)
        failures = worker.log_text().count("oauth_client_not_sent")
        running.wait_for(
            "the new one does not arrive either",
            lambda: worker.log_text().count("oauth_client_not_sent") > failures,
        )
        users_web.resume()
        wait_for("the new one arrives", lambda: users.ask(STORED) == ["Iv1.client", SECOND])

        logs = "".join(process.log_text() for process in running.processes)
        assert FIRST not in logs
        assert SECOND not in logs
        assert running.restarts == {}
    for name in ("study", "users"):
        stored = (tmp_path / f"{name}.sqlite3").read_bytes()
        assert SECOND.encode() not in stored
