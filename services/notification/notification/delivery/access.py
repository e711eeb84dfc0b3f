"""Who may see what could not be delivered."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from chassis.web.auth import Principal
from notification.delivery.models import Delivery


def require_owner(principal: Principal) -> None:
    """The list of what failed is for the owners of the installation. NotFound for everyone else."""
    if "owner" not in principal.roles:
        raise NotFound


def failure_for_owner(delivery_id: UUID, *, principal: Principal) -> Delivery:
    """A delivery that was given up, for an owner. NotFound otherwise."""
    require_owner(principal)
    try:
        return Delivery.objects.failed().get(id=delivery_id)
    except Delivery.DoesNotExist:
        raise NotFound from None
