"""Sessions of an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef


def list_sessions(account_id: UUID, *, at: datetime) -> list[UserSession]:
    """List the account's unexpired sessions, latest used first. One statement."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=at)
    sessions = UserSession.objects.filter(Exists(live), user_id=account_id)
    return list(sessions.order_by("-last_seen_at", "-id"))
