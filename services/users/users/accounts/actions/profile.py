"""What people change about themselves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from chassis.events.publish import publish
from users.accounts.actions.log import note, tell_changed
from users.accounts.actions.roles import keep_an_owner
from users.accounts.events import AccountClosed
from users.accounts.models import Account, AuditEntry, Kind
from users.accounts.rules import Seen, normal_name


@transaction.atomic
def change_profile(
    *,
    account_id: UUID,
    at: datetime,
    name: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
) -> Account:
    """Change what is given and different. Nothing different is nothing told."""
    account = Account.objects.select_for_update().get(id=account_id)
    wanted = {"name": name and normal_name(name), "language": language, "time_zone": time_zone}
    changes = {field: value for field, value in wanted.items() if value and value != getattr(account, field)}
    if not changes:
        return account
    account = Account.objects.change(account_id, **changes)
    tell_changed(account=account, at=at)
    return account


@transaction.atomic
def erase(*, account_id: UUID, at: datetime) -> None:
    """Forget the person: an id stays, for the history of others. LastOwner if nobody else owns the place."""
    keep_an_owner(without=account_id)
    account = Account.objects.select_for_update().get(id=account_id)
    if account.closed_at is not None:
        return
    EmailAddress.objects.filter(user_id=account_id).delete()
    SocialAccount.objects.filter(user_id=account_id).delete()
    AuditEntry.objects.filter(account_id=account_id).delete()
    account.set_unusable_password()
    account = Account.objects.change(
        account_id,
        email=None,
        name="",
        password=account.password,
        github_id=None,
        github_login="",
        is_owner=False,
        is_opener=False,
        last_login=None,
        closed_at=at,
    )
    note(account_id=account_id, kind=Kind.CLOSED, seen=Seen(), at=at)
    if account.confirmed_at is not None:
        publish(AccountClosed(account_id=account_id, version=account.version), at=at)
