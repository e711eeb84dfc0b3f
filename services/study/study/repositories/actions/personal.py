"""Patterns of personal repositories, and whose each repository is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.audit.actions import record_change
from study.cohorts.actions import ensure_open
from study.cohorts.models import AuditKind, Cohort, Membership, Role
from study.github.actions.subscription import pull_request_subscriber
from study.github.models import PullRequest, Repository, Source


class NotAMember(DomainError):
    code = "not_a_member"
    title = _("Choose a member of this cohort.")
    status = 400


@transaction.atomic
def create_pattern(*, cohort: Cohort, name: str, by: UUID, at: datetime) -> Repository:
    """Watch the repositories that match "owner/prefix*". Idempotent."""
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    ensure_open(cohort=cohort)
    pattern, is_new = Repository.objects.get_or_create(cohort=cohort, name=name)
    if is_new:
        changes = {"": (None, name)}
        record_change(cohort_id=cohort.id, kind=AuditKind.REPOSITORY, changes=changes, by=by, at=at)
    return pattern


def assign_repository(
    *, repository: Repository, membership_id: UUID | None, by: UUID, at: datetime
) -> Repository:
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
        _record_assignment(repository, member, by=by, at=at)
        repository.member = member
        repository.save(update_fields=["member"])
    waiting = PullRequest.objects.filter(repository=repository, dismissed_at=None).exclude(unmatched="")
    for pull_request_id in waiting.order_by("opened_at", "id").values_list("id", flat=True):
        _sync_pull_request(pull_request_id, at=at)
    return repository


def _record_assignment(repository: Repository, member: Membership | None, *, by: UUID, at: datetime) -> None:
    """Write an entry about the former member and one about the new one."""
    former = repository.member
    if former == member:
        return
    for person, before, after in ((former, repository.name, None), (member, None, repository.name)):
        if person is not None:
            record_change(
                cohort_id=repository.cohort_id,
                kind=AuditKind.REPOSITORY,
                changes={"": (before, after)},
                subject_id=person.account_id,
                by=by,
                at=at,
            )


@transaction.atomic
def _sync_pull_request(pull_request_id: UUID, *, at: datetime) -> None:
    rows = PullRequest.objects.select_for_update(of=("self",)).select_related("repository__cohort", "member")
    pull_request_subscriber()(pull_request=rows.get(id=pull_request_id), source=Source.OPERATOR, at=at)
