"""Updates of the account mirror. The newest version wins; older events that arrive late are ignored."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from study.mirrors.models import AccountMirror


@transaction.atomic
def upsert_account(
    *, account_id: UUID, name: str, github_id: int | None, github_login: str, version: int
) -> None:
    """Store an account's name and GitHub account. A closed account stays closed."""
    AccountMirror.objects.get_or_create(account_id=account_id, defaults={"version": 0})
    AccountMirror.objects.filter(account_id=account_id, closed=False, version__lt=version).update(
        name=name, github_id=github_id, github_login=github_login.lower(), version=version
    )


@transaction.atomic
def anonymise_account(*, account_id: UUID, version: int) -> None:
    """Erase personal data and mark the account closed, so that late events cannot restore it."""
    AccountMirror.objects.update_or_create(
        account_id=account_id,
        defaults={"name": "", "github_id": None, "github_login": "", "closed": True, "version": version},
    )
