"""Where an account is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from users.accounts.rules import device_of


@dataclass(frozen=True)
class SignedIn:
    """One browser that is signed in."""

    id: int
    address: str
    agent: str
    device: str
    since: datetime
    seen_at: datetime
    is_here: bool


def sessions_of(account_id: UUID, *, at: datetime, here: str | None = None) -> list[SignedIn]:
    """The account's live sessions, the latest used first; `here` is the asking one's key. One statement."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=at)
    found = UserSession.objects.filter(Exists(alive), user_id=account_id).order_by("-last_seen_at", "-id")
    return [
        SignedIn(
            id=session.id,
            address=session.ip,
            agent=session.user_agent,
            device=device_of(session.user_agent),
            since=session.created_at,
            seen_at=session.last_seen_at,
            is_here=session.session_key == here,
        )
        for session in found
    ]
