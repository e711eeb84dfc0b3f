"""What happens to a copy."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.crypto import encrypt
from chassis.errors import DomainError, NotAllowed, NotFound
from chassis.events.publish import publish
from users.accounts.actions import note
from users.accounts.models import Account, Kind
from users.accounts.rules import Seen
from users.exports import rules
from users.exports.events import ExportRequested
from users.exports.models import Export, Part


class ExportUnderway(DomainError):
    code = "export_underway"
    title = _("Your copy is being put together already.")


class PartTooLarge(DomainError):
    code = "part_too_large"
    title = _("This part is larger than 20 MiB.")
    status = 413


@transaction.atomic
def request_export(*, account_id: UUID, own: dict[str, Any], seen: Seen, at: datetime) -> Export:
    """Begin a copy with our own part, and ask the others for theirs; an older copy is thrown away.

    ExportUnderway while one younger than a day is not whole.
    """
    Account.objects.select_for_update().get(id=account_id)
    for older in Export.objects.filter(account_id=account_id):
        waiting = older.parts.count() < len(rules.SERVICES) and older.requested_at > at - rules.WAITED_FOR
        if waiting:
            raise ExportUnderway
        older.delete()
    export = Export.objects.create(account_id=account_id, requested_at=at, expires_at=at + rules.KEPT_FOR)
    _keep(export, rules.OWN, own, at=at)
    publish(ExportRequested(export_id=export.id, account_id=account_id), at=at)
    note(account_id=account_id, kind=Kind.EXPORT_REQUESTED, seen=seen, at=at)
    return export


@transaction.atomic
def receive_part(
    *, export_id: UUID, service: str, sender: str, content: dict[str, Any], at: datetime
) -> None:
    """Take a service's part from that service; again is a replacement. NotAllowed, NotFound, PartTooLarge."""
    if service not in rules.OTHERS or service != sender:
        raise NotAllowed
    export = Export.objects.select_for_update().filter(id=export_id, expires_at__gt=at).first()
    if export is None:
        raise NotFound
    _keep(export, service, content, at=at)


@transaction.atomic
def expire(*, at: datetime) -> int:
    """Throw away copies that are over. Return how many rows went."""
    gone, _rows = Export.objects.filter(expires_at__lte=at).delete()
    return gone


def _keep(export: Export, service: str, content: dict[str, Any], *, at: datetime) -> None:
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False)
    if len(text.encode()) > rules.LARGEST_PART:
        raise PartTooLarge
    Part.objects.update_or_create(
        export=export, service=service, defaults={"content_encrypted": encrypt(text), "received_at": at}
    )
