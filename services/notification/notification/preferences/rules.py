"""Channels outside the inbox, and signed unsubscribe links."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notification.inbox.rules import KINDS

EMAIL = "email"
# The inbox is not listed: it cannot be turned off.
CHANNELS: dict[str, str | Promise] = {EMAIL: _("Email")}

# A separator that no mail client takes for the end of a URL.
_signer = Signer(salt="notification.unsubscribe", sep="~")


def is_on_by_default(kind: str, channel: str) -> bool:
    """Return the default of a kind and channel without a stored preference."""
    return channel == EMAIL and KINDS[kind].email_by_default


def unsubscribe_token(account_id: UUID, kind: str) -> str:
    """Return the token of an unsubscribe link. It never expires: people keep emails for years."""
    return _signer.sign(f"{account_id.hex}.{kind}")


def parse_unsubscribe_token(token: str) -> tuple[UUID, str] | None:
    """Return account and kind of a token; None if the signature is wrong or the kind unknown."""
    try:
        account, _dot, kind = _signer.unsign(token).partition(".")
        account_id = UUID(account)
    except (BadSignature, ValueError):
        return None
    return (account_id, kind) if kind in KINDS else None
