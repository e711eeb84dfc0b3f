"""Rules of invitations, and GitHub login syntax. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

from study.cohorts.models import Role
from study.memberships.models import Invitation

# Lifetime of an invitation to one account.
PERSONAL_INVITATION_LIFETIME = timedelta(days=14)
MAX_USES = 1000

# GitHub's rule: alphanumeric characters and single inner hyphens, at most 39 characters.
_LOGIN = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,38}", re.ASCII)


def asks_for_part(invitation: Invitation) -> bool:
    """Return True if a member who joins must choose a part, in a cohort that has parts.

    Mentors and operators may have no part.
    """
    return invitation.role == Role.MEMBER and invitation.part_id is None


def github_login(text: str) -> str | None:
    """Return the login in lower case, without @ or GitHub's URL; None if it is invalid."""
    login = text.strip().lower().removeprefix("https://github.com/").removeprefix("@").rstrip("/")
    return login if len(login) <= 39 and _LOGIN.fullmatch(login) else None
