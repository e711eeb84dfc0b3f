"""Events of exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ExportRequested:
    """An account requested its personal data; consumers upload theirs to users."""

    event_name: ClassVar[str] = "users.export_requested.v1"

    export_id: UUID
    account_id: UUID
