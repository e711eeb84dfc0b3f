from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.module_loading import import_string

from chassis.events.models import DeadLetter
from chassis.events.receive import Handler, retry


class Command(BaseCommand):
    """List dead letters, retry one, or drop one with a reason."""

    help = "List dead letters, or retry or drop one."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list")
        verbs.add_parser("retry").add_argument("event_id", type=UUID)
        drop = verbs.add_parser("drop")
        drop.add_argument("event_id", type=UUID)
        drop.add_argument("--reason", required=True)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "list":
            for each in DeadLetter.objects.given_up().order_by("given_up_at", "event_id"):
                about = f"{each.envelope['name']}  attempts {each.attempts}  {each.error}"
                self.stdout.write(f"{each.event_id}  {about}")
            return
        # The inbox remembers a dropped event, so that a late repeat does not bring it back.
        nothing: dict[str, Handler] = defaultdict(lambda: lambda _envelope: None)
        handlers = import_string(settings.SUBSCRIPTIONS) if verb == "retry" else nothing
        if not retry(options["event_id"], handlers, at=timezone.now()):
            raise CommandError(
                "There is no dead letter with that id. `dead_letters list` shows those that are."
            )
        outcome = "handled" if verb == "retry" else f"dropped: {options['reason']}"
        self.stdout.write(f"{options['event_id']} {outcome}")
