"""Match pull requests with members, dismiss and restore them, and match those whose member joined later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.errors import DomainError, NotFound
from study.cohorts.actions import ensure_open
from study.cohorts.models import Membership, Role
from study.github.actions.accounts import membership_of
from study.github.models import UNMATCHED, Outcome, PullRequest, Source
from study.memberships.actions.github import pin_github
from study.missions.models import Mission
from study.missions.rules.assignment import Assignment, AssignmentRule
from study.submissions.actions.assignment import (
    assign_mission,
    decide_mission,
    unresolved,
    unresolved_others,
)
from study.submissions.actions.sync import SyncResult, sync_submission
from study.submissions.models import Submission

# What sync_submission reads of a pull request.
_RELATED = ("repository__cohort", "member")


class AlreadyMatched(DomainError):
    code = "already_matched"
    title = _("This pull request is somebody's submission already.")


@transaction.atomic
def match_pull_request(
    *,
    pull_request: PullRequest,
    membership: Membership,
    by: UUID,
    at: datetime,
    mission_id: UUID | None = None,
) -> SyncResult:
    """Make the pull request this member's submission; its heads keep the times that count.

    It is for the mission `mission_id`, which must be one of its repository's, or for the one that the rules
    decide; without either it waits as UNRESOLVED. If GitHub's id of the member is not known yet, its author's
    is theirs from now on, and what else waits by the same author becomes theirs as well. A pull request that
    the member had submitted before for the same mission is dismissed.
    """
    missions = Mission.objects.of_repository(pull_request.repository_id).values("id")
    theirs = Submission.objects.filter(mission__in=missions, membership=membership)
    # Lock both pull requests by id, before the membership and the submission, to avoid deadlocks.
    both = [pull_request.id, *theirs.values_list("pull_request_id", flat=True)]
    list(PullRequest.objects.select_for_update().filter(id__in=both).order_by("id"))
    pull_request = _locked(pull_request.id)
    ensure_open(cohort=pull_request.repository.cohort)
    member = (
        Membership.objects.live()
        .select_for_update()
        .filter(id=membership.id, cohort_id=pull_request.cohort_id, role=Role.MEMBER)
        .first()
    )
    if member is None:
        raise NotFound
    matched = Submission.objects.filter(pull_request=pull_request).first()
    if matched and matched.membership_id == member.id:
        return SyncResult(Outcome.UNCHANGED, matched)
    if matched:
        raise AlreadyMatched
    if mission_id is not None:
        if not Mission.objects.of_repository(pull_request.repository_id).filter(id=mission_id).exists():
            raise NotFound
        chosen = Assignment(mission_id, AssignmentRule.OPERATOR)
        decide_mission(pull_request=pull_request, assignment=chosen, at=at, by=by)
    mission, _is_decided_now = assign_mission(pull_request=pull_request, member=member, at=at)
    if mission is not None:
        _replace_submission(pull_request, mission, member, by=by, at=at)
    pull_request.member, pull_request.unmatched = member, ""
    pull_request.dismissed_at = pull_request.dismissed_by = None
    pull_request.save(update_fields=["member", "unmatched", "dismissed_at", "dismissed_by"])
    is_theirs = _link_author(pull_request, member, by=by, at=at)
    result = sync_submission(pull_request=pull_request, source=Source.OPERATOR, at=at)
    if is_theirs:
        _sync_others(pull_request, at=at)
    # The decision may make another one of theirs certain.
    for other in unresolved_others(pull_request=pull_request):
        sync_submission(pull_request=other, source=Source.OPERATOR, at=at)
    return result


def assign_pull_requests(
    *, cohort_id: UUID, pull_request_ids: Sequence[UUID], mission_id: UUID, by: UUID, at: datetime
) -> int:
    """Make pull requests that wait for a decision submissions of the mission; return how many.

    Others of the ids are left out: they were decided or dismissed meanwhile. Raises NotFound for an unknown
    id, and if the mission is not one of their repository's.
    """
    ids = set(pull_request_ids)
    is_known = Mission.objects.filter(id=mission_id, cohort=cohort_id).exists()
    if not is_known or PullRequest.objects.filter(id__in=ids, cohort=cohort_id).count() < len(ids):
        raise NotFound
    chosen = Assignment(mission_id, AssignmentRule.OPERATOR)
    with transaction.atomic():
        waiting = unresolved(cohort_id=cohort_id).filter(id__in=ids).select_related("member")
        pull_requests = list(waiting.select_for_update(of=("self",)).order_by("opened_at", "id"))
        # All of them before the first is synced: that would decide others by the rules.
        for pull_request in pull_requests:
            if not Mission.objects.of_repository(pull_request.repository_id).filter(id=mission_id).exists():
                raise NotFound
            decide_mission(pull_request=pull_request, assignment=chosen, at=at, by=by)
    for pull_request in pull_requests:
        assert pull_request.member is not None
        match_pull_request(pull_request=pull_request, membership=pull_request.member, by=by, at=at)
    return len(pull_requests)


@transaction.atomic
def dismiss_pull_request(*, pull_request: PullRequest, by: UUID, at: datetime) -> None:
    """Mark a pull request as no submission. Idempotent; restore_pull_request undoes it."""
    pull_request = _locked(pull_request.id)
    if Submission.objects.filter(pull_request=pull_request).exists():
        raise AlreadyMatched
    if pull_request.dismissed_at is None:
        pull_request.dismissed_at, pull_request.dismissed_by, pull_request.unmatched = at, by, ""
        pull_request.save(update_fields=["dismissed_at", "dismissed_by", "unmatched"])


@transaction.atomic
def restore_pull_request(*, pull_request: PullRequest, at: datetime) -> SyncResult:
    """Undo a dismissal: the pull request is unmatched again, or becomes its member's submission."""
    pull_request = _locked(pull_request.id)
    if pull_request.dismissed_at is not None:
        pull_request.dismissed_at = pull_request.dismissed_by = None
        pull_request.save(update_fields=["dismissed_at", "dismissed_by"])
    return sync_submission(pull_request=pull_request, source=Source.OPERATOR, at=at)


@transaction.atomic
def match_waiting_pull_request(*, pull_request_id: UUID, at: datetime) -> SyncResult:
    """Match an unmatched pull request, whose author may have joined or linked an account since."""
    return sync_submission(pull_request=_locked(pull_request_id), source=Source.WEBHOOK, at=at, changed=False)


def _locked(pull_request_id: UUID) -> PullRequest:
    return (
        PullRequest.objects.select_for_update(of=("self",)).select_related(*_RELATED).get(id=pull_request_id)
    )


def _replace_submission(
    pull_request: PullRequest, mission: Mission, member: Membership, *, by: UUID, at: datetime
) -> None:
    """Move the member's submission on this mission to this pull request, and dismiss the previous one."""
    submission = Submission.objects.select_for_update().filter(mission=mission, membership=member).first()
    if submission is None:
        return
    PullRequest.objects.filter(submission=submission).update(dismissed_at=at, dismissed_by=by, unmatched="")
    submission.pull_request = pull_request
    submission.save(update_fields=["pull_request"])


def _link_author(pull_request: PullRequest, member: Membership, *, by: UUID, at: datetime) -> bool:
    """Return True if the author's GitHub id is the member's, pinned now or known before."""
    author_id = pull_request.author_id
    if not author_id:
        return False
    if owner := membership_of(cohort_id=pull_request.cohort_id, github_id=author_id):
        return owner.id == member.id
    linked = AccountMirror.objects.filter(account_id=member.account_id, github_id__isnull=False)
    if member.github_id is not None or linked.exists():
        # The member has another GitHub account.
        return False
    pin_github(membership=member, github_id=author_id, login=pull_request.author_login, by=by, at=at)
    return True


def _sync_others(pull_request: PullRequest, *, at: datetime) -> None:
    others = PullRequest.objects.filter(
        cohort_id=pull_request.cohort_id,
        author_id=pull_request.author_id,
        unmatched__in=UNMATCHED,
        dismissed_at=None,
    )
    free = others.exclude(id=pull_request.id).select_for_update(of=("self",), skip_locked=True)
    # A pull request that another transaction holds is matched by match_waiting_pull_request later.
    for other in free.select_related(*_RELATED).order_by("opened_at", "id"):
        sync_submission(pull_request=other, source=Source.OPERATOR, at=at)
