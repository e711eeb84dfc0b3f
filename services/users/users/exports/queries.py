"""Progress and contents of exports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.crypto import decrypt
from users.accounts import queries as accounts
from users.accounts.models import Account
from users.exports.models import Export, Section
from users.exports.rules import SERVICES
from users.tokens import queries as tokens


@dataclass(frozen=True)
class Progress:
    """The progress of an export: when each service's section was received, None if pending."""

    id: UUID
    requested_at: datetime
    expires_at: datetime
    sections: list[tuple[str, datetime | None]]

    @property
    def is_complete(self) -> bool:
        return all(received_at for _, received_at in self.sections)

    @property
    def received(self) -> int:
        return sum(1 for _, received_at in self.sections if received_at)


def get_latest_progress(account_id: UUID, *, at: datetime) -> Progress | None:
    """Return the progress of the account's latest unexpired export, or None. Two statements."""
    export = Export.objects.filter(account_id=account_id, expires_at__gt=at).order_by("-requested_at").first()
    return get_progress(export) if export else None


def get_progress(export: Export) -> Progress:
    """Return the progress of the export. One statement."""
    received = dict(Section.objects.filter(export=export).values_list("service", "received_at"))
    sections = [(service, received.get(service)) for service in SERVICES]
    return Progress(export.id, export.requested_at, export.expires_at, sections)


def get_contents(export: Export) -> dict[str, Any]:
    """Return each service's decrypted section by service name. One statement."""
    sections = Section.objects.filter(export=export).values_list("service", "content_encrypted")
    return {service: json.loads(decrypt(content)) for service, content in sections}


def own_section(account: Account) -> dict[str, Any]:
    """Return this service's personal data of the account. Four statements."""
    return {**accounts.export_data(account), "access_tokens": tokens.export_data(account.id)}
