"""Who may see what could not be delivered."""

from __future__ import annotations

from uuid import UUID

from chassis.refusals import NotFound
from chassis.web.caller import Caller
from notification.delivery.models import Delivery


def failures_to_see(caller: Caller) -> None:
    """The list of what failed is for the owners of the installation. NotFound for everyone else."""
    if "owner" not in caller.roles:
        raise NotFound


def failure_to_retry(delivery_id: UUID, *, caller: Caller) -> Delivery:
    """A delivery that was given up, for an owner. NotFound otherwise."""
    failures_to_see(caller)
    try:
        return Delivery.objects.failed().get(id=delivery_id)
    except Delivery.DoesNotExist:
        raise NotFound from None
