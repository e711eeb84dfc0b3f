"""Client of the users service for exports."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from chassis.web.client import ServiceClient, ServiceError
from study.people.queries import export_data
from study.people.rules import UsersUnavailable

EXPORT_GONE = 404


def put_export(export_id: UUID, account_id: UUID) -> None:
    """Send this service's part of the export. Raise UsersUnavailable if users did not accept it."""
    client = ServiceClient(settings.USERS_URL, "users")
    try:
        client.put(f"/internal/exports/{export_id}/{settings.SERVICE}", export_data(account_id))
    except ServiceError as error:
        # 404 for the export: it expired, or the account was closed. A 404 for the token request only
        # means that USERS_URL is wrong.
        if error.status != EXPORT_GONE or str(export_id) not in str(error):
            raise UsersUnavailable(str(error)) from None
