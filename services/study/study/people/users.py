"""The users service, which collects the parts of an export."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from chassis.web.client import ServiceClient, ServiceError
from study.people.queries import export_data
from study.people.rules import UsersUnavailable

EXPORT_GONE = 404


def put_export(export_id: UUID, account_id: UUID) -> None:
    """Put our part of the export. UsersUnavailable if users did not take it and still waits."""
    client = ServiceClient(settings.USERS_URL, "users")
    try:
        client.put(f"/internal/exports/{export_id}/{settings.SERVICE}", export_data(account_id))
    except ServiceError as error:
        # The export has expired, or the account was closed since. But a 404 to our asking for a token says
        # only that USERS_URL is wrong.
        if error.status != EXPORT_GONE or str(export_id) not in str(error):
            raise UsersUnavailable(str(error)) from None
