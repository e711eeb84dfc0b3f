"""The users service, which collects the parts of an export."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from chassis.web.client import ServiceClient, ServiceError
from notification.people.queries import everything
from notification.people.rules import PeerDown

NOBODY_WAITS = 404


def put_export(export_id: UUID, account_id: UUID) -> None:
    """Put our part of the export. PeerDown if users did not take it and still waits."""
    peer = ServiceClient(settings.USERS_URL, "users")
    try:
        peer.put(f"/internal/exports/{export_id}/{settings.SERVICE}", everything(account_id))
    except ServiceError as failed:
        # The export has expired, or the account was closed since. But a 404 to our asking for a token says
        # only that USERS_URL is wrong.
        if failed.status != NOBODY_WAITS or str(export_id) not in str(failed):
            raise PeerDown(str(failed)) from None
