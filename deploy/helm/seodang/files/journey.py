"""What `helm test` runs inside the cluster: all three are ready, and know each other.

Study shows users its credential, gets a token for users alone, and reads accounts with it. The same token
opens no other service. And no service owes another an event for long. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

SERVICES = ("users", "study", "notification")
PATIENCE = 60.0
# A consumer may be down for a rollout; longer than this and something is stuck.
OLDEST_EVENT = 300.0


class Failed(Exception):
    """A part of the journey did not go as it must. Its text says which."""


def ask(url: str, *, token: str = "", body: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and text of the answer; 0 and why if there is none."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:  # noqa: S310 - our own addresses
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


def base(service: str) -> str:
    """Where that service is inside the cluster, without a port."""
    return os.environ[service.upper()]


def be_ready(service: str) -> None:
    """Wait until it says that it is ready."""
    until = time.monotonic() + PATIENCE
    while (seen := ask(f"{base(service)}:8000/healthz/ready"))[0] != 200:
        if time.monotonic() > until:
            raise Failed(f"{service} is not ready: {seen}")
        time.sleep(2)


def expect(what: str, wanted: int, seen: tuple[int, str]) -> Any:
    """The answer's JSON, or its text. Failed if its status is another."""
    if seen[0] != wanted:
        raise Failed(f"{what}: {wanted} expected, seen {seen[0]}: {seen[1][:300]}")
    return json.loads(seen[1]) if seen[1].startswith("{") else seen[1]


def journey() -> None:
    """Study asks users for a token and shows it around."""
    secret = Path(os.environ["SERVICE_SECRET_FILE"]).read_text(encoding="utf-8").strip()
    door = f"{base('users')}:8000/internal/token"
    shown = {"service": "study", "secret": secret, "audience": "users"}
    expect("a wrong credential", 401, ask(door, body={**shown, "secret": "0" * 32}))
    expect("a token for a peer off study's list", 403, ask(door, body={**shown, "audience": "notification"}))
    token = expect("study's credential", 200, ask(door, body=shown))["access_token"]
    accounts = f"{base('users')}:8000/internal/accounts"
    expect("accounts without a token", 401, ask(accounts))
    if "results" not in expect("accounts, with the token", 200, ask(accounts, token=token)):
        raise Failed("accounts: the answer holds none")
    expect("study, with a token for users", 401, ask(f"{base('study')}:8000/internal/cohorts", token=token))
    inbox = f"{base('notification')}:8000/api/v1/notification/inbox"
    expect("notification, with a token for users", 401, ask(inbox, token=token))


def owe_nothing_for_long(service: str) -> None:
    """Its metrics are there, and no event waits longer than OLDEST_EVENT."""
    text = str(expect(f"{service}'s metrics", 200, ask(f"{base(service)}:9000/metrics")))
    oldest = re.search(r"(?m)^seodang_oldest_open_event_seconds (\S+)$", text)
    if oldest and float(oldest[1]) > OLDEST_EVENT:
        raise Failed(f"{service}: an event is open for {float(oldest[1]):.0f} s")


def main() -> int:
    """The whole of it; each part is a line."""
    Path("/tmp/started").touch()  # noqa: S108 - the probe's, in a container of our own
    parts = [(f"{name} is ready", be_ready, name) for name in SERVICES]
    parts += [(f"{name} owes no event for long", owe_nothing_for_long, name) for name in SERVICES]
    try:
        for sentence, part, name in parts:
            part(name)
            print(sentence, flush=True)
        journey()
    except Failed as failed:
        print(f"FAILED: {failed}", flush=True)
        return 1
    print("study read accounts of users with a token that opens nothing else", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
