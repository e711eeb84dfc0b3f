"""End, update and clean up sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from chassis.errors import NotFound
from users.accounts.actions.audit import record_audit
from users.accounts.models import AuditKind
from users.accounts.rules import ClientInfo, device_name
from users.tokens.actions import revoke_all


@transaction.atomic
def end_session(*, account_id: UUID, session_id: int, client: ClientInfo, at: datetime) -> None:
    """End one session of the account. NotFound if it is another account's."""
    session = UserSession.objects.filter(id=session_id, user_id=account_id).first()
    if session is None:
        raise NotFound
    _end([session])
    kind, device = AuditKind.SESSIONS_ENDED, device_name(session.user_agent)
    record_audit(account_id=account_id, kind=kind, client=client, at=at, about=device)


@transaction.atomic
def end_sessions(
    *, account_id: UUID, client: ClientInfo, at: datetime, except_key: str | None = None, tokens: bool = False
) -> int:
    """End all sessions of the account, except the one with `except_key`. Return how many.

    `tokens=True` also revokes the personal access tokens.
    """
    if tokens:
        revoke_all(account_id=account_id, client=client, at=at)
    sessions = list(UserSession.objects.filter(user_id=account_id).exclude(session_key=except_key or ""))
    ended = _end(sessions)
    if ended:
        record_audit(account_id=account_id, kind=AuditKind.SESSIONS_ENDED, client=client, at=at)
    return ended


@transaction.atomic
def record_session_use(*, session_key: str, client: ClientInfo, at: datetime) -> None:
    """Update the session's last use, address and user agent."""
    UserSession.objects.filter(session_key=session_key).update(
        last_seen_at=at, ip=client.address, user_agent=client.agent
    )


@transaction.atomic
def delete_expired_sessions(*, at: datetime) -> None:
    """Delete expired sessions."""
    Session.objects.filter(expire_date__lt=at).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def _end(sessions: Sequence[UserSession]) -> int:
    UserSession.objects.filter(id__in=[session.id for session in sessions]).delete()
    ended, _ = Session.objects.filter(session_key__in=[session.session_key for session in sessions]).delete()
    return ended
