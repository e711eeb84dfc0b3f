"""From an id to a hook, or NotFound."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from chassis.errors import NotFound
from study.cohorts.models import Membership, Role
from study.github.models import Hook


def hook_for_delivery(hook_id: UUID) -> Hook:
    """The hook that GitHub posts to; who may is decided by the signature. One query."""
    hook = Hook.objects.filter(id=hook_id).first()
    if hook is None:
        raise NotFound
    return hook


def hook_for_operator(cohort_id: UUID, *, account_id: UUID) -> Hook:
    """The hook of a cohort that this account operates, with the cohort. One query."""
    memberships = Membership.objects.live().filter(
        cohort_id=OuterRef("cohort_id"), account_id=account_id, role=Role.OPERATOR
    )
    hook = Hook.objects.select_related("cohort").filter(Exists(memberships), cohort_id=cohort_id).first()
    if hook is None:
        raise NotFound
    return hook
