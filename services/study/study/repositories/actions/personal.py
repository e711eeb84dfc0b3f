"""Patterns of personal repositories, and whose each repository is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort, Membership, Role
from study.github.actions.subscription import pull_request_subscriber
from study.github.models import PullRequest, Repository, Source


class NotAMember(DomainError):
    code = "not_a_member"
    title = _("Choose a member of this cohort.")
    status = 400


@transaction.atomic
def create_pattern(*, cohort: Cohort, name: str) -> Repository:
    """Watch the repositories that match "owner/prefix*". Idempotent."""
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    ensure_open(cohort=cohort)
    pattern, _is_new = Repository.objects.get_or_create(cohort=cohort, name=name)
    return pattern


def assign_repository(*, repository: Repository, membership_id: UUID | None, at: datetime) -> Repository:
    """Say whose personal repository it is; None: nobody's, so that its next pull request says it.

    Pull requests in it whose author nobody knows become the member's. Submissions stay. Raises NotAMember.
    """
    with transaction.atomic():
        repository = Repository.objects.select_for_update().select_related("cohort").get(id=repository.id)
        ensure_open(cohort=repository.cohort)
        members = Membership.objects.live().filter(cohort_id=repository.cohort_id, role=Role.MEMBER)
        member = members.filter(id=membership_id).first() if membership_id else None
        if membership_id and member is None:
            raise NotAMember(field="membership_id")
        repository.member = member
        repository.save(update_fields=["member"])
    waiting = PullRequest.objects.filter(repository=repository, dismissed_at=None).exclude(unmatched="")
    for pull_request_id in waiting.order_by("opened_at", "id").values_list("id", flat=True):
        _sync_pull_request(pull_request_id, at=at)
    return repository


@transaction.atomic
def _sync_pull_request(pull_request_id: UUID, *, at: datetime) -> None:
    rows = PullRequest.objects.select_for_update(of=("self",)).select_related("repository__cohort", "member")
    pull_request_subscriber()(pull_request=rows.get(id=pull_request_id), source=Source.OPERATOR, at=at)
