"""Updates of the account mirror. The newest version wins; older events that arrive late are ignored."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from chassis.account_mirror.models import AccountMirror


@transaction.atomic
def upsert_account(
    *,
    account_id: UUID,
    name: str,
    github_id: int | None = None,
    github_login: str = "",
    language: str = "ko",
    time_zone: str = "Asia/Seoul",
    version: int,
) -> None:
    """Store what users says of an account. A closed account stays closed."""
    AccountMirror.objects.get_or_create(account_id=account_id)
    AccountMirror.objects.filter(account_id=account_id, closed=False, version__lt=version).update(
        name=name,
        github_id=github_id,
        github_login=github_login.lower(),
        language=language,
        time_zone=time_zone,
        version=version,
    )


@transaction.atomic
def close_account(*, account_id: UUID, version: int) -> None:
    """Erase personal data and mark the account closed, so that late events cannot restore it."""
    AccountMirror.objects.update_or_create(
        account_id=account_id,
        defaults={
            "name": "",
            "github_id": None,
            "github_login": "",
            "language": "ko",
            "time_zone": "Asia/Seoul",
            "closed": True,
            "version": version,
        },
    )
