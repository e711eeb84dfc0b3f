from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notification.delivery import actions, queries
from notification.delivery.models import Delivery


class Command(BaseCommand):
    """List failed deliveries, or retry one or all of them."""

    help = "List failed deliveries, or retry one or all of them."

    def add_arguments(self, parser: CommandParser) -> None:
        subcommands = parser.add_subparsers(dest="command", required=True)
        subcommands.add_parser("list")
        retry = subcommands.add_parser("retry")
        retry.add_argument("delivery_id", type=UUID, nargs="?")
        retry.add_argument("--all", action="store_true")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        if command == "list":
            self._list()
            return
        failed = Delivery.objects.failed()
        if not options["all"]:
            failed = failed.filter(id=options["delivery_id"])
            if not failed.exists():
                raise CommandError("There is no failed delivery with that id. `failed_mail list` lists them.")
        for delivery in failed:
            actions.retry_delivery(delivery=delivery, at=timezone.now())
            self.stdout.write(f"{delivery.id}  will be retried")

    def _list(self) -> None:
        cursor: str | None = ""
        while cursor is not None:
            page = queries.failures(cursor=cursor, size=100)
            for row in page.rows:
                self.stdout.write(
                    f"{row.id}  {row.failed_at:%Y-%m-%d %H:%M}  {row.kind}  {row.address}  {row.error}"
                )
            cursor = page.next
