"""Ending sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from chassis.errors import NotFound
from users.accounts.actions import note
from users.accounts.models import Kind
from users.accounts.rules import Seen, device_of
from users.tokens.actions import revoke_all


@transaction.atomic
def end_session(*, account_id: UUID, session_id: int, seen: Seen, at: datetime) -> None:
    """Sign the account out of one browser. NotFound unless it is the account's."""
    session = UserSession.objects.filter(id=session_id, user_id=account_id).first()
    if session is None:
        raise NotFound
    _end([session])
    note(
        account_id=account_id, kind=Kind.SESSIONS_ENDED, seen=seen, at=at, about=device_of(session.user_agent)
    )


@transaction.atomic
def end_sessions(
    *, account_id: UUID, seen: Seen, at: datetime, but: str | None = None, tokens: bool = False
) -> int:
    """Sign the account out everywhere, but in the browser of that session key. Return from how many.

    `tokens=True` also revokes the personal access tokens.
    """
    if tokens:
        revoke_all(account_id=account_id, seen=seen, at=at)
    sessions = list(UserSession.objects.filter(user_id=account_id).exclude(session_key=but or ""))
    ended = _end(sessions)
    if ended:
        note(account_id=account_id, kind=Kind.SESSIONS_ENDED, seen=seen, at=at)
    return ended


@transaction.atomic
def touch_session(*, session_key: str, seen: Seen, at: datetime) -> None:
    """Note that this browser is still in use."""
    UserSession.objects.filter(session_key=session_key).update(
        last_seen_at=at, ip=seen.address, user_agent=seen.agent
    )


@transaction.atomic
def tidy(*, at: datetime) -> None:
    """Drop sessions that are over."""
    Session.objects.filter(expire_date__lt=at).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def _end(sessions: Sequence[UserSession]) -> int:
    UserSession.objects.filter(id__in=[session.id for session in sessions]).delete()
    ended, _ = Session.objects.filter(session_key__in=[session.session_key for session in sessions]).delete()
    return ended
