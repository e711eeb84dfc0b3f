"""States of invitations, and GitHub login syntax. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from study.cohorts.models import Role
from study.memberships.models import Invitation

# Lifetime of an invitation to one account.
PERSONAL_INVITATION_LIFETIME = timedelta(days=14)
MAX_USES = 1000

# GitHub's rule: alphanumeric characters and single inner hyphens, at most 39 characters.
_LOGIN = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,38}", re.ASCII)


class InvitationState(StrEnum):
    """Whether an invitation can be used, and if not, why."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    USED_UP = "used_up"


def state_of(invitation: Invitation, at: datetime) -> InvitationState:
    """Return the state at `at`; withdrawn precedes over, over precedes used up."""
    if invitation.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    if invitation.expires_at <= at:
        return InvitationState.OVER
    if invitation.uses >= invitation.max_uses:
        return InvitationState.USED_UP
    return InvitationState.OPEN


def asks_for_part(invitation: Invitation) -> bool:
    """Return True if a member who joins must choose a part, in a cohort that has parts.

    Mentors and operators may have no part.
    """
    return invitation.role == Role.MEMBER and invitation.part_id is None


def github_login(text: str) -> str | None:
    """Return the login in lower case, without @ or GitHub's URL; None if it is invalid."""
    login = text.strip().lower().removeprefix("https://github.com/").removeprefix("@").rstrip("/")
    return login if len(login) <= 39 and _LOGIN.fullmatch(login) else None
