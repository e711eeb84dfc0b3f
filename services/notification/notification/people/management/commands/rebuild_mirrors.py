from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chassis.web.client import ServiceClient, ServiceError
from notification.mirrors import actions as mirrors
from notification.people import actions as people


def rows(client: ServiceClient, name: str) -> Iterator[dict[str, Any]]:
    """Yield every row of a list of the other service, page by page."""
    after: str | None = ""
    while after is not None:
        page = client.get(f"/internal/{name}" + (f"?after={quote(after)}" if after else ""))
        yield from page[name]
        after = page["next"]


def upsert_account(row: dict[str, Any]) -> None:
    """Update the mirror of an account, as its three events would."""
    account_id, version = UUID(row["account_id"]), row["version"]
    if row["closed"]:
        people.delete_account_data(account_id=account_id, version=version)
        return
    mirrors.upsert_account(
        account_id=account_id,
        name=row["name"],
        language=row["language"],
        time_zone=row["time_zone"],
        version=version,
    )
    if row["email"]:
        mirrors.upsert_contact(account_id=account_id, email=row["email"], version=version)


def upsert_cohort(row: dict[str, Any]) -> None:
    """Update the mirror of a cohort."""
    mirrors.upsert_cohort(cohort_id=UUID(row["cohort_id"]), title=row["title"], version=row["version"])


def upsert_membership(row: dict[str, Any]) -> None:
    """Update the mirror of a membership."""
    mirrors.upsert_membership(
        membership_id=UUID(row["membership_id"]),
        cohort_id=UUID(row["cohort_id"]),
        account_id=UUID(row["account_id"]),
        role=row["role"],
        left=row["left"],
        version=row["version"],
    )


class Command(BaseCommand):
    """Rebuild the mirrors from users and study; rows with a newer version are kept."""

    help = "Rebuild the mirrors of accounts, cohorts and memberships. Idempotent; may run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        users, study = ServiceClient(settings.USERS_URL, "users"), ServiceClient(settings.STUDY_URL, "study")
        lists: list[tuple[ServiceClient, str, Callable[[dict[str, Any]], None]]] = [
            (users, "accounts", upsert_account),
            (study, "cohorts", upsert_cohort),
            (study, "memberships", upsert_membership),
        ]
        for client, name, upsert in lists:
            count = 0
            try:
                for row in rows(client, name):
                    upsert(row)
                    count += 1
            except ServiceError as error:
                raise CommandError(f"{name}: stopped after {count}. {error}") from None
            self.stdout.write(f"{name}: {count}")
