from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from chassis.web.client import ServiceClient, ServiceError
from study.mirrors import actions as mirrors
from study.people import actions as people


def upsert(row: dict[str, Any]) -> None:
    """An account of users, as the events about it would have told."""
    account_id = UUID(row["account_id"])
    if row["closed"]:
        people.anonymise_account(account_id=account_id, version=row["version"], at=timezone.now())
        return
    mirrors.upsert_account(
        account_id=account_id,
        name=row["name"],
        github_id=row["github_id"],
        github_login=row["github_login"],
        version=row["version"],
    )


class Command(BaseCommand):
    """Ask users for every account, and keep what is newer than what we have."""

    help = "Fill the mirror of accounts anew. May run at any time, and twice."

    def handle(self, *args: Any, **options: Any) -> None:
        client = ServiceClient(settings.USERS_URL, "users")
        after: str | None = ""
        count = 0
        try:
            while after is not None:
                page = client.get("/internal/accounts" + (f"?after={quote(after)}" if after else ""))
                for row in page["accounts"]:
                    upsert(row)
                    count += 1
                after = page["next"]
        except ServiceError as error:
            raise CommandError(f"accounts: stopped after {count}. {error}") from None
        self.stdout.write(f"accounts: {count}")
