"""Close accounts: erase personal data here; other services erase theirs on the account_closed event."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from users.accounts.actions.profile import anonymise
from users.accounts.rules import ClientInfo
from users.avatars.actions import delete_avatar
from users.emails.models import OutboundEmail
from users.exports.models import Export
from users.signin import actions as signin
from users.tokens.models import PersonalToken


@transaction.atomic
def close_account(*, account_id: UUID, email: str, at: datetime) -> None:
    """Close the account permanently. Idempotent. LastOwner if no other owner remains."""
    signin.end_sessions(account_id=account_id, client=ClientInfo(), at=at)
    PersonalToken.objects.filter(account_id=account_id).delete()
    Export.objects.filter(account_id=account_id).delete()
    OutboundEmail.objects.filter(to=email).delete()
    delete_avatar(account_id=account_id)
    anonymise(account_id=account_id, at=at)
