"""Update profiles, and anonymise closed accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from chassis.events.publish import publish
from users.accounts.actions.audit import record_audit, update_public_fields
from users.accounts.actions.roles import ensure_owner_remains
from users.accounts.events import AccountClosed
from users.accounts.models import Account, AuditEntry, AuditKind
from users.accounts.rules import ClientInfo, normalise_name


@transaction.atomic
def change_profile(
    *,
    account_id: UUID,
    at: datetime,
    name: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
) -> Account:
    """Update the given fields. Publishes nothing if nothing changed."""
    account = Account.objects.select_for_update().get(id=account_id)
    wanted = {"name": name and normalise_name(name), "language": language, "time_zone": time_zone}
    changes = {field: value for field, value in wanted.items() if value and value != getattr(account, field)}
    return update_public_fields(account_id=account_id, at=at, **changes) if changes else account


@transaction.atomic
def anonymise(*, account_id: UUID, at: datetime) -> None:
    """Erase personal data and close the account; the id stays for references. Idempotent. LastOwner."""
    ensure_owner_remains(without=account_id)
    account = Account.objects.select_for_update().get(id=account_id)
    if account.closed_at is not None:
        return
    EmailAddress.objects.filter(user_id=account_id).delete()
    SocialAccount.objects.filter(user_id=account_id).delete()
    AuditEntry.objects.filter(account_id=account_id).delete()
    account.set_unusable_password()
    account = Account.objects.update_versioned(
        account_id,
        email=None,
        name="",
        password=account.password,
        github_id=None,
        github_login="",
        is_owner=False,
        can_create_cohorts=False,
        last_login=None,
        closed_at=at,
    )
    record_audit(account_id=account_id, kind=AuditKind.CLOSED, client=ClientInfo(), at=at)
    if account.confirmed_at is not None:
        publish(AccountClosed(account_id=account_id, version=account.version), at=at)
