"""Access to failed deliveries: owners of the installation only."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from chassis.web.auth import Principal
from notification.delivery.models import Delivery


def require_owner(principal: Principal) -> None:
    """Raise NotFound unless the principal is an owner of the installation."""
    if "owner" not in principal.roles:
        raise NotFound


def failure_for_owner(delivery_id: UUID, *, principal: Principal) -> Delivery:
    """Return a failed delivery. NotFound if it has not failed or the principal is no owner."""
    require_owner(principal)
    try:
        return Delivery.objects.failed().get(id=delivery_id)
    except Delivery.DoesNotExist:
        raise NotFound from None
