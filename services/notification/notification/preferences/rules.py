"""The ways to reach a person outside the inbox, and links that stop one of them without signing in."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notification.inbox.rules import KINDS

EMAIL = "email"
# The inbox itself is not listed: it cannot be turned off.
CHANNELS: dict[str, str | Promise] = {EMAIL: _("Email")}

# A character that no mail program takes for the end of an address.
_signer = Signer(salt="notification.unsubscribe", sep="~")


def is_on_by_default(kind: str, channel: str) -> bool:
    """What holds for someone who has never chosen."""
    return channel == EMAIL and KINDS[kind].email_by_default


def unsubscribe_token(account_id: UUID, kind: str) -> str:
    """What stands in the unsubscribe link of a mail. It never expires: people keep mail for years."""
    return _signer.sign(f"{account_id.hex}.{kind}")


def parse_unsubscribe_token(token: str) -> tuple[UUID, str] | None:
    """The account and the kind of the link; None if we did not write it."""
    try:
        account, _dot, kind = _signer.unsign(token).partition(".")
        account_id = UUID(account)
    except (BadSignature, ValueError):
        return None
    return (account_id, kind) if kind in KINDS else None
