"""What a way into a cohort is worth at a moment, and what a GitHub name looks like. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from study.cohorts.models import Role
from study.memberships.models import Invitation

# An invitation to one known person waits this long for an answer.
PERSONAL_INVITATION_LIFETIME = timedelta(days=14)
MAX_USES = 1000

# GitHub's own rule: letters, digits and single hyphens inside, 39 at most.
_LOGIN = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,38}", re.ASCII)


class InvitationState(StrEnum):
    """Whether a link lets people in, and if not, why."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    USED_UP = "used_up"


def state_of(invitation: Invitation, at: datetime) -> InvitationState:
    """Withdrawn says more than over, and over more than used up."""
    if invitation.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    if invitation.expires_at <= at:
        return InvitationState.OVER
    if invitation.uses >= invitation.max_uses:
        return InvitationState.USED_UP
    return InvitationState.OPEN


def asks_for_part(invitation: Invitation) -> bool:
    """Whether a member who joins by it is to choose a part, in a cohort that has any.

    Mentors and operators may be of no part.
    """
    return invitation.role == Role.MEMBER and invitation.part_id is None


def github_login(text: str) -> str | None:
    """The login that someone typed: lower case, without @ or GitHub's address. None if it is no login."""
    login = text.strip().lower().removeprefix("https://github.com/").removeprefix("@").rstrip("/")
    return login if len(login) <= 39 and _LOGIN.fullmatch(login) else None
