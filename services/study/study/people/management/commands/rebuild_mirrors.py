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
    """Apply an account of users as its events would have done."""
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
    """Fetch every account from users and apply newer versions."""

    help = "Rebuild the mirror of accounts. Idempotent; may run at any time."

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
