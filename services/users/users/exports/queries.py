"""How far a copy is, and what is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.crypto import decrypt
from users.accounts import queries as accounts
from users.accounts.models import Account
from users.exports.models import Export, Part
from users.exports.rules import SERVICES
from users.tokens import queries as tokens


@dataclass(frozen=True)
class Progress:
    """Which parts have come, of which services."""

    id: UUID
    requested_at: datetime
    expires_at: datetime
    parts: list[tuple[str, datetime | None]]

    @property
    def is_whole(self) -> bool:
        return all(received_at for _, received_at in self.parts)

    @property
    def received(self) -> int:
        return sum(1 for _, received_at in self.parts if received_at)


def latest(account_id: UUID, *, at: datetime) -> Progress | None:
    """The account's copy that is worth something still. Two statements."""
    export = Export.objects.filter(account_id=account_id, expires_at__gt=at).order_by("-requested_at").first()
    return progress(export) if export else None


def progress(export: Export) -> Progress:
    """How far the copy is. One statement."""
    came = dict(Part.objects.filter(export=export).values_list("service", "received_at"))
    parts = [(service, came.get(service)) for service in SERVICES]
    return Progress(export.id, export.requested_at, export.expires_at, parts)


def contents(export: Export) -> dict[str, Any]:
    """Each service's part, by its name. One statement."""
    parts = Part.objects.filter(export=export).values_list("service", "content_encrypted")
    return {service: json.loads(decrypt(sealed)) for service, sealed in parts}


def own_part(account: Account) -> dict[str, Any]:
    """What the users service itself keeps of a person. Four statements."""
    return {**accounts.everything(account), "access_tokens": tokens.everything(account.id)}
