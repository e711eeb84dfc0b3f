"""Client of the users service for exports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from chassis.personal_data.rules import ExportNotAccepted
from chassis.web.client import ServiceClient, ServiceError


def put_section(export_id: UUID, content: dict[str, Any]) -> None:
    """Send this service's section of an export. Raise ExportNotAccepted if it must be sent again.

    An export that the users service no longer has (it expired, or the account was closed) needs none.
    """
    client = ServiceClient(settings.USERS_URL, "users")
    try:
        client.put(f"/internal/exports/{export_id}/{settings.SERVICE}", content)
    except ServiceError as error:
        if (error.status, error.code) != (404, "not_found"):
            raise ExportNotAccepted(str(error)) from None
