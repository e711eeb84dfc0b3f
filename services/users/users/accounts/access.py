"""Load accounts with permission checks."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from chassis.web.auth import Principal
from users.accounts.models import Account, AccountQuerySet


def own_account(account_id: UUID) -> Account:
    """Return the account. NotFound if it is closed or disabled, even while its token is still valid."""
    return _get(Account.objects.active(), account_id)


def account_for_owner(account_id: UUID, *, principal: Principal) -> Account:
    """Return any open, verified account, for an owner. NotFound if the principal is not an owner now."""
    require_owner(principal)
    return _get(Account.objects.verified().filter(closed_at=None), account_id)


def require_owner(principal: Principal) -> Account:
    """Return the principal's account. NotFound unless it is an owner now; the token's role may be old."""
    return _get(Account.objects.active().filter(is_owner=True), principal.account_id)


def _get(accounts: AccountQuerySet, account_id: UUID) -> Account:
    try:
        return accounts.get(id=account_id)
    except Account.DoesNotExist:
        raise NotFound from None
