"""State changes of exports."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.crypto import encrypt
from chassis.errors import DomainError, NotAllowed, NotFound
from chassis.events.publish import publish
from users.accounts.actions.audit import record_audit
from users.accounts.models import Account, AuditKind
from users.accounts.rules import ClientInfo
from users.exports.events import ExportRequested
from users.exports.models import Export, Section

RETENTION = timedelta(days=7)
# A new export may be requested if one is incomplete after this time.
SECTION_TIMEOUT = timedelta(hours=24)
MAX_SECTION_BYTES = 20 * 1024 * 1024
# The services that contribute sections.
OWN_SERVICE = "users"
OTHER_SERVICES = ["study", "notification"]
SERVICES = [OWN_SERVICE, *OTHER_SERVICES]


class ExportUnderway(DomainError):
    code = "export_underway"
    title = _("Your copy is being put together already.")


class SectionTooLarge(DomainError):
    code = "section_too_large"
    title = _("This section is larger than 20 MiB.")
    status = 413


@transaction.atomic
def request_export(*, account_id: UUID, own: dict[str, Any], client: ClientInfo, at: datetime) -> Export:
    """Create an export with this service's section, and request the others' by event. Deletes previous ones.

    ExportUnderway while an incomplete export is younger than SECTION_TIMEOUT.
    """
    Account.objects.select_for_update().get(id=account_id)
    previous = Export.objects.filter(account_id=account_id)
    if previous.filter(requested_at__gt=at - SECTION_TIMEOUT, sections__received_at=None).exists():
        raise ExportUnderway
    previous.delete()
    export = Export.objects.create(account_id=account_id, requested_at=at, expires_at=at + RETENTION)
    Section.objects.bulk_create(Section(export=export, service=service) for service in SERVICES)
    _store_section(export.id, OWN_SERVICE, own, at=at)
    publish(ExportRequested(export_id=export.id, account_id=account_id), at=at)
    record_audit(account_id=account_id, kind=AuditKind.EXPORT_REQUESTED, client=client, at=at)
    return Export.objects.with_sections().get(id=export.id)


@transaction.atomic
def receive_section(
    *, export_id: UUID, service: str, sender: str, content: dict[str, Any], at: datetime
) -> None:
    """Store a service's section; a second one replaces the first. NotAllowed, NotFound, SectionTooLarge."""
    if service not in OTHER_SERVICES or service != sender:
        raise NotAllowed
    if not Export.objects.select_for_update().filter(id=export_id, expires_at__gt=at):
        raise NotFound
    _store_section(export_id, service, content, at=at)


@transaction.atomic
def delete_expired_exports(*, at: datetime) -> int:
    """Delete expired exports. Return the number of deleted rows."""
    deleted, _per_model = Export.objects.filter(expires_at__lte=at).delete()
    return deleted


def _store_section(export_id: UUID, service: str, content: dict[str, Any], *, at: datetime) -> None:
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False)
    if len(text.encode()) > MAX_SECTION_BYTES:
        raise SectionTooLarge
    section = Section.objects.filter(export_id=export_id, service=service)
    section.update(content_encrypted=encrypt(text), received_at=at)
