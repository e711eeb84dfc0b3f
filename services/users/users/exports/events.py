"""What the other services are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ExportRequested:
    """A person asked for all that is kept of them; whoever keeps something puts it to users."""

    name: ClassVar[str] = "users.export_requested.v1"

    export_id: UUID
    account_id: UUID
