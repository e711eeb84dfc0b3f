"""Rules of invitations. Pure."""

from __future__ import annotations

from datetime import timedelta

from study.cohorts.models import Role
from study.memberships.models import Invitation

# Lifetime of an invitation to one account.
PERSONAL_INVITATION_LIFETIME = timedelta(days=14)
MAX_USES = 1000


def asks_for_part(invitation: Invitation) -> bool:
    """Return True if a member who joins must choose a part, in a cohort that has parts.

    Mentors and operators may have no part.
    """
    return invitation.role == Role.MEMBER and invitation.part_id is None
