"""Pictures of who is in a cohort."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Q, Value, When

from study.cohorts.models import Membership, Role
from study.mirrors.models import AccountMirror


def owner_of_pull(cohort_id: UUID, *, github_id: int, login: str) -> Membership | None:
    """The member whose GitHub account this is, or None. One statement.

    By GitHub's immutable id, pinned or linked, before an operator's word for a login, which counts only
    until an id is pinned. A member's own claim never counts.
    """
    linked = AccountMirror.objects.filter(github_id=github_id).values("account_id")
    pinned, by_link = Q(github_id=github_id), Q(github_id=None, account_id__in=linked)
    by_word = Q(github_id=None, github_login=login.lower()) if login else Q(pk=None)
    return (
        Membership.objects.live()
        .filter(pinned | by_link | by_word, cohort_id=cohort_id, role=Role.MEMBER)
        .annotate(rank=Case(When(pinned, then=Value(0)), When(by_link, then=Value(1)), default=Value(2)))
        .order_by("rank", "joined_at", "id")
        .first()
    )
