"""Events from study to notification, under SIGKILLs of everything but the database."""

from __future__ import annotations

from uuid import UUID

# The recipient of every announcement.
READER = UUID("00000000-0000-4000-8000-00000000ada0")
