"""Sessions of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from users.accounts.rules import device_name


@dataclass(frozen=True)
class SessionRow:
    """A session as shown to its account."""

    id: int
    address: str
    agent: str
    device: str
    since: datetime
    seen_at: datetime
    is_current: bool


def list_sessions(account_id: UUID, *, at: datetime, current_key: str | None = None) -> list[SessionRow]:
    """List the account's unexpired sessions, latest used first; `current_key` marks one. One statement."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=at)
    found = UserSession.objects.filter(Exists(live), user_id=account_id).order_by("-last_seen_at", "-id")
    return [
        SessionRow(
            id=session.id,
            address=session.ip,
            agent=session.user_agent,
            device=device_name(session.user_agent),
            since=session.created_at,
            seen_at=session.last_seen_at,
            is_current=session.session_key == current_key,
        )
        for session in found
    ]
