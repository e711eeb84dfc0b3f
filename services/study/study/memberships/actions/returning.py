"""Coming back to a cohort."""

from __future__ import annotations

from datetime import datetime

from study.cohorts.models import Membership
from study.memberships.actions.github import GithubTaken, pin_github


def carry_over(*, seat: Membership, at: datetime) -> None:
    """Move what the account did in the cohort before to its new membership, with its GitHub account.

    Without it, one mission would get two submissions of one person. A GitHub account that somebody else
    here has by now stays with them. To be called in the transaction that creates the membership.
    """
    former = Membership.objects.filter(
        cohort_id=seat.cohort_id, account_id=seat.account_id, left_at__isnull=False
    )
    before = former.select_for_update().order_by("-left_at", "-joined_at").first()
    if before is None:
        return
    # Reached by their own relations, since they stand above memberships.
    before.submissions.update(membership=seat)
    before.extensions.update(membership=seat)
    before.pasted_links.update(membership=seat)
    if before.github_id is not None:
        try:
            pin_github(membership=seat, github_id=before.github_id, login=before.github_login, at=at)
        except GithubTaken:
            return
    elif before.github_login or before.github_claim:
        others = Membership.objects.live().filter(cohort_id=seat.cohort_id).exclude(id=seat.id)
        is_taken = others.filter(github_login=before.github_login).exists()
        seat.github_login = "" if is_taken else before.github_login
        seat.github_claim = before.github_claim
        seat.save(update_fields=["github_login", "github_claim"])
