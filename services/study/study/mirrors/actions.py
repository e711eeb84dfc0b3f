"""Keeping what users tells: the newest version wins, an older one arriving late changes nothing."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from study.mirrors.models import AccountMirror


@transaction.atomic
def upsert_account(
    *, account_id: UUID, name: str, github_id: int | None, github_login: str, version: int
) -> None:
    """Keep how the person is called, here and on GitHub. A closed account stays closed for good."""
    AccountMirror.objects.get_or_create(account_id=account_id, defaults={"version": 0})
    AccountMirror.objects.filter(account_id=account_id, closed=False, version__lt=version).update(
        name=name, github_id=github_id, github_login=github_login.lower(), version=version
    )


@transaction.atomic
def anonymise_account(*, account_id: UUID, version: int) -> None:
    """Keep nothing of the person but that the account is closed, so that nothing late brings them back."""
    AccountMirror.objects.update_or_create(
        account_id=account_id,
        defaults={"name": "", "github_id": None, "github_login": "", "closed": True, "version": version},
    )
