from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from users.keys import actions


class Command(BaseCommand):
    """Rotate the signing key."""

    help = "Create the next signing key. It is published now and signs later; nobody is signed out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--leaked",
            action="store_true",
            help="sign with the new key now and refuse what the old ones signed",
        )

    def handle(self, *args: Any, leaked: bool, **options: Any) -> None:
        key = actions.rotate(at=timezone.now(), immediately=leaked)
        self.stdout.write(f"Key {key.id} signs from {key.signs_from:%Y-%m-%d %H:%M} UTC.")
