"""An id, and who asks → an account."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from chassis.web.auth import Principal
from users.accounts.models import Account


def own_account(account_id: UUID) -> Account:
    """The caller's own account. NotFound once closed or disabled, though a token lives on for minutes."""
    try:
        return Account.objects.active().get(id=account_id)
    except Account.DoesNotExist:
        raise NotFound from None


def account_for_owner(account_id: UUID, *, principal: Principal) -> Account:
    """Anyone's account, for owners. What the token says is checked again: a role may have gone since."""
    require_owner(principal)
    try:
        return Account.objects.known().filter(closed_at=None).get(id=account_id)
    except Account.DoesNotExist:
        raise NotFound from None


def require_owner(principal: Principal) -> Account:
    """The caller, who is an owner now. NotFound for everyone else."""
    try:
        return Account.objects.active().get(id=principal.account_id, is_owner=True)
    except Account.DoesNotExist:
        raise NotFound from None
