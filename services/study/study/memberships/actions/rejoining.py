"""Rejoining a cohort."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from study.cohorts.models import Membership
from study.memberships.actions.github import GitHubTaken, pin_github


def carry_over(*, membership: Membership, at: datetime) -> None:
    """Move the submissions, extensions, links and GitHub account of a former membership to the new one.

    Without it, one person could have two submissions to one mission. A GitHub account that another member
    has meanwhile stays there. Call it in the transaction that creates the membership.
    """
    former = Membership.objects.filter(
        cohort_id=membership.cohort_id, account_id=membership.account_id, left_at__isnull=False
    )
    before = former.select_for_update().order_by("-left_at", "-joined_at").first()
    if before is None:
        return
    for name in settings.REJOINING_SUBSCRIBERS:
        import_string(name)(former=before, membership=membership)
    if before.github_id is not None:
        try:
            pin_github(membership=membership, github_id=before.github_id, login=before.github_login, at=at)
        except GitHubTaken:
            return
    elif before.github_login or before.github_claim:
        others = Membership.objects.live().filter(cohort_id=membership.cohort_id).exclude(id=membership.id)
        is_taken = others.filter(github_login=before.github_login).exists()
        membership.github_login = "" if is_taken else before.github_login
        membership.github_claim = before.github_claim
        membership.save(update_fields=["github_login", "github_claim"])
