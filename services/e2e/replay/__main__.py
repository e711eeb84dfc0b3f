"""Replay the history of a repository in a scratch database: `make replay FILE=… MODE=markers|times`.

Every pull request is delivered by HTTP as signed webhooks, once and then again, and ingested in 20 random
orders. The last line counts where they ended: assigned, to_decide (in the operators' list), wrong (a labelled
one in another mission), not_submissions.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import sys
import tempfile
import time
from pathlib import Path

ORDERS = 20
REPOSITORY = "club/replayed"


def configure(folder: str) -> None:
    """Configure study with an empty SQLite database."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "study.settings",
        "DATABASE_PATH": str(Path(folder) / "replay.sqlite3"),
        "BROKER_URL": "memory://",
        "PUBLIC_URL": "http://localhost",
        "USERS_URL": "http://localhost:1",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SERVICE_SECRET": secrets.token_urlsafe(30),
        "LISTEN": "127.0.0.1:0",
    }
    from cryptography.fernet import Fernet

    os.environ["FIELD_KEY"] = Fernet.generate_key().decode()
    import django

    django.setup()


def main(file: str, mode: str) -> None:
    """Replay a file and print the counts."""
    if mode not in {"markers", "times"}:
        sys.exit("MODE is markers or times.")
    with tempfile.TemporaryDirectory() as folder:
        configure(folder)
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from replay.club import Club
        from replay.history import read_history

        club = Club(read_history(Path(file)), has_markers=mode == "markers", repository=REPOSITORY)
        club.create()
        started = time.monotonic()
        club.deliver_all()
        once = club.end()
        club.deliver_all()
        ends = [("delivered once", once), ("delivered twice", club.end())]
        for seed in range(ORDERS):
            club.forget()
            club.ingest_all(random.Random(seed))
            ends.append((f"order {seed}", club.end()))
        seconds = time.monotonic() - started
        print(f"delivered once and again, and ingested in {ORDERS} orders, in {seconds:.0f} s")
        for name, end in ends:
            if end != once:
                changed = {
                    number: (once[number], end[number]) for number in once if end[number] != once[number]
                }
                sys.exit(f"{name} ended differently: {changed}")
        for line in club.report():
            print(line)
        print(json.dumps(club.counts()))


if __name__ == "__main__":
    main(*sys.argv[1:])
