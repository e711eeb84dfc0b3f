"""Exports with their sections."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.crypto import decrypt
from users.accounts import queries as accounts
from users.accounts.models import Account
from users.avatars import queries as avatars
from users.exports.models import Export, Section
from users.tokens import queries as tokens


def get_latest_export(account_id: UUID, *, at: datetime) -> Export | None:
    """Return the account's latest unexpired export with its sections, or None. Two statements."""
    exports = Export.objects.filter(account_id=account_id, expires_at__gt=at)
    return exports.with_sections().order_by("-requested_at").first()


def get_contents(export: Export) -> dict[str, Any]:
    """Return each service's decrypted section by service name. One statement."""
    sections = Section.objects.filter(export=export).values_list("service", "content_encrypted")
    return {service: json.loads(decrypt(content)) for service, content in sections}


def own_section(account: Account) -> dict[str, Any]:
    """Return this service's personal data of the account. Five statements."""
    return {
        **accounts.export_data(account),
        "access_tokens": tokens.export_data(account.id),
        "avatar": avatars.export_data(account.id),
    }
