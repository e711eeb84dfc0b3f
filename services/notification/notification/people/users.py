"""Client of the users service for exports."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from chassis.web.client import ServiceClient, ServiceError
from notification.people.queries import export_data
from notification.people.rules import UsersUnavailable

EXPORT_GONE = 404


def put_export(export_id: UUID, account_id: UUID) -> None:
    """PUT this service's part of the export. UsersUnavailable if it must be sent again."""
    client = ServiceClient(settings.USERS_URL, "users")
    try:
        client.put(f"/internal/exports/{export_id}/{settings.SERVICE}", export_data(account_id))
    except ServiceError as error:
        # 404 for the export: it expired or the account was closed. A 404 for the access token means that
        # USERS_URL is wrong.
        if error.status != EXPORT_GONE or str(export_id) not in str(error):
            raise UsersUnavailable(str(error)) from None
