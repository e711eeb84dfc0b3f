"""Synchronise submissions with pull requests: member, attempts and status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from chassis.account_mirror.models import AccountMirror
from chassis.compiled import compiled
from chassis.events.publish import publish
from study.cohorts.models import Membership
from study.github.actions.accounts import is_of_other_cohort, membership_of
from study.github.actions.repositories import claim_personal_repository
from study.github.models import (
    UNMATCHED,
    EventKind,
    ObservedHead,
    Outcome,
    PullRequest,
    Source,
    TimelineEvent,
)
from study.installations.actions.check_runs import sync_check_run
from study.memberships.actions.github import GitHubTaken, pin_github
from study.memberships.queries import owner_of_pull_request
from study.missions.models import Mission
from study.missions.rules.assignment import is_revert
from study.submissions.actions.assignment import assign_mission, unresolved_others
from study.submissions.actions.attempts import record_attempts
from study.submissions.actions.reverts import affected_by_merge, reverted_at_by_id
from study.submissions.actions.reviewers import assign_reviewer
from study.submissions.actions.status import publish_received, reviewer_name, update_status
from study.submissions.events import ChangesRequested
from study.submissions.models import Attempt, Submission
from study.submissions.rules.history import (
    PullRequestHistory,
    best_heads,
    current_pull_request,
    history_of,
)
from study.submissions.rules.status import current_attempt


@dataclass(frozen=True)
class SyncResult:
    """What became of a pull request, and the submission that it belongs to, if any."""

    outcome: Outcome
    submission: Submission | None = None


def handle_pull_request(
    *,
    pull_request: PullRequest,
    source: Source,
    at: datetime,
    changed: bool = True,
    review: TimelineEvent | None = None,
) -> Outcome:
    """Sync the submission of a pull request that has changed: the setting PULL_REQUEST_SUBSCRIBER.

    And those of the merges that it reverts. Publishes ChangesRequested if `review` asks for changes and its
    author may.
    """
    result = sync_submission(pull_request=pull_request, source=source, at=at, changed=changed)
    if changed:
        for affected in _lock_affected(pull_request, waits=result.outcome == Outcome.REVERT):
            sync_submission(pull_request=affected, source=source, at=at)
    submission = result.submission
    if (
        submission
        and review
        and review.kind == EventKind.CHANGES_REQUESTED
        and review.reviewer
        and review.reviewer.account_id != submission.account_id
    ):
        requested = ChangesRequested(
            submission_id=submission.id,
            cohort_id=pull_request.cohort_id,
            mission_title=submission.mission.title,
            reviewer=reviewer_name(event=review),
            recipients=[submission.account_id],
        )
        publish(requested, at=at)
    return result.outcome


def sync_submission(
    *, pull_request: PullRequest, source: Source, at: datetime, changed: bool = True
) -> SyncResult:
    """Update the submission of this pull request's member. Idempotent.

    Call it with the pull request's row locked. `changed` says whether the caller has recorded anything new.
    The membership is locked after it, then their submission. Another of theirs is changed only if
    it is not locked: the transaction that has locked it updates it afterwards.
    """
    outcome = Outcome.UPDATED if changed else Outcome.UNCHANGED
    if pull_request.dismissed_at:
        return SyncResult(Outcome.DISMISSED)
    if is_revert(title=pull_request.title, branch=pull_request.head_ref):
        _set_member(pull_request, pull_request.member)
        return SyncResult(Outcome.REVERT)
    member = _find_member(pull_request, at=at)
    if member is None:
        reason = _unmatched_reason(pull_request)
        _set_member(pull_request, None, reason)
        return SyncResult(reason)
    # Locking the membership serialises two pull requests of one member.
    _lock_membership(membership_id=member.id)
    claim_personal_repository(repository=pull_request.repository, member=member)
    mission, is_decided_now = assign_mission(pull_request=pull_request, member=member, at=at)
    if mission is None:
        _set_member(pull_request, member, Outcome.UNRESOLVED)
        return SyncResult(Outcome.UNRESOLVED)
    if mission.cohort_id != pull_request.cohort_id:
        _set_member(pull_request, member)
        return SyncResult(Outcome.OTHER_COHORT)
    result = _sync_with_mission(pull_request, mission, member, source=source, at=at, outcome=outcome)
    if is_decided_now:
        for other in unresolved_others(pull_request=pull_request):
            sync_submission(pull_request=other, source=source, at=at)
    return result


def _sync_with_mission(
    pull_request: PullRequest,
    mission: Mission,
    member: Membership,
    *,
    source: Source,
    at: datetime,
    outcome: Outcome,
) -> SyncResult:
    submission = _lock_submission(pull_request, mission, member)
    histories = _histories(pull_request, mission, member, submission)
    if pull_request.id not in histories:
        _set_member(pull_request, member)
        return SyncResult(Outcome.DRAFT if pull_request.draft else outcome)
    is_frozen, is_first = _is_frozen(pull_request), submission is None
    if is_first and is_frozen:
        _set_member(pull_request, member)
        return SyncResult(Outcome.COHORT_CLOSED)
    chosen_id, counted = current_pull_request(histories.values())
    submission, current = _create_or_move(
        submission, mission, member, pull_request, chosen=histories[chosen_id].pull_request, at=at
    )
    is_second = current.id != pull_request.id and pull_request.state != "closed"
    _set_member(pull_request, member, Outcome.SECOND_PULL if is_second else None)
    added: list[Attempt] = []
    if is_frozen:
        attempts = list(submission.attempts.order_by("number"))
    else:
        heads = best_heads(head for id_ in counted for head in histories[id_].heads)
        all_shas = {head.sha for history in histories.values() for head in history.heads}
        attempts, added = record_attempts(
            submission=submission, heads=heads, foreign_shas=all_shas - heads.keys(), source=source, at=at
        )
    newest = current_attempt(current, attempts)
    waited = submission.awaits_review
    history = histories.get(current.id)
    update_status(
        submission=submission,
        pull_request=current,
        attempts=attempts,
        at=at,
        is_reverted=history.is_reverted if history else None,
    )
    if newest in added or (submission.awaits_review and not waited):
        assign_reviewer(submission=submission)
    if newest in added:
        publish_received(submission=submission, attempt=newest, at=at)
    is_changed = bool(added) or outcome != Outcome.UNCHANGED
    # One that another transaction holds is left to that one.
    if current.id == pull_request.id or _try_lock(current):
        sync_check_run(pull_request=current, is_changed=is_changed, at=at)
    if is_second:
        return SyncResult(Outcome.SECOND_PULL)
    if current.id == pull_request.id and newest in added:
        outcome = Outcome.SUBMITTED if is_first else Outcome.RESUBMITTED
    return SyncResult(outcome, submission)


def _find_member(pull_request: PullRequest, *, at: datetime) -> Membership | None:
    """Return the member in their present membership: by submission, by stored member, or by author."""
    submitted = _submitted_by(pull_request_id=pull_request.id)
    known = submitted[0] if submitted else pull_request.member
    if known is not None and known.left_at is not None:
        here = Membership.objects.live().filter(cohort_id=pull_request.cohort_id, account_id=known.account_id)
        # A submission stays with a member who has left.
        known = here.first() or (known if submitted else None)
    return known or _member_by_author(pull_request, at=at) or _repository_member(pull_request)


@compiled
def _submitted_by(*, pull_request_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.filter(submissions__pull_request=pull_request_id)


@compiled
def _lock_membership(*, membership_id: UUID) -> QuerySet[Membership, UUID]:
    return Membership.objects.select_for_update().filter(id=membership_id).values_list("id", flat=True)


def _member_by_author(pull_request: PullRequest, *, at: datetime) -> Membership | None:
    author_id, login = pull_request.author_id, pull_request.author_login
    if not author_id:
        return None
    member = owner_of_pull_request(pull_request.cohort_id, github_id=author_id, login=login)
    if member and member.github_id is None:
        try:
            # Pin the id: logins can be renamed and reused.
            pin_github(membership=member, github_id=author_id, login=login, by=None, at=at)
        except GitHubTaken:
            # The operator entered a login that belongs to another member.
            return None
    return member


def _repository_member(pull_request: PullRequest) -> Membership | None:
    """Return whose personal repository it is, if neither the author's account nor theirs is known."""
    member = pull_request.repository.member
    if member is None or member.left_at is not None or member.github_id is not None:
        return None
    author_id, login = pull_request.author_id, pull_request.author_login
    if author_id and membership_of(cohort_id=pull_request.cohort_id, github_id=author_id):
        return None
    if is_of_other_cohort(repository=pull_request.repository, github_id=author_id, login=login):
        return None
    linked = AccountMirror.objects.filter(account_id=member.account_id, github_id__isnull=False)
    return None if linked.exists() else member


def _unmatched_reason(pull_request: PullRequest) -> Outcome:
    if not pull_request.author_id:
        return Outcome.CLAIMED if pull_request.claimed_by_id else Outcome.NO_AUTHOR
    if membership_of(cohort_id=pull_request.cohort_id, github_id=pull_request.author_id):
        return Outcome.STAFF
    if is_of_other_cohort(
        repository=pull_request.repository,
        github_id=pull_request.author_id,
        login=pull_request.author_login,
    ):
        return Outcome.OTHER_COHORT
    claims = Membership.objects.live().filter(
        cohort_id=pull_request.cohort_id, github_claim=pull_request.author_login.lower()
    )
    return Outcome.CLAIMED if pull_request.claimed_by_id or claims.exists() else Outcome.UNKNOWN_PERSON


def _set_member(pull_request: PullRequest, member: Membership | None, reason: Outcome | None = None) -> None:
    """Save the member, and the reason if it is one for which a pull request waits in the operator's list."""
    unmatched = reason.value if reason in UNMATCHED else ""
    if (pull_request.member_id, pull_request.unmatched) != (member.id if member else None, unmatched):
        pull_request.member, pull_request.unmatched = member, unmatched
        pull_request.save(update_fields=["member", "unmatched"])


def _lock_submission(pull_request: PullRequest, mission: Mission, member: Membership) -> Submission | None:
    """Lock and return the member's submission on the mission, also one of an earlier membership."""
    found = min(
        _locked_submissions(mission_id=mission.id, account_id=member.account_id),
        key=lambda submission: (
            submission.pull_request_id != pull_request.id,
            submission.membership_id != member.id,
        ),
        default=None,
    )
    if found and found.pull_request_id == pull_request.id:
        found.pull_request = pull_request
    return found


@compiled
def _locked_submissions(*, mission_id: UUID, account_id: UUID) -> QuerySet[Submission]:
    theirs = Submission.objects.select_for_update().filter(mission=mission_id, account_id=account_id)
    return theirs.order_by("id")


def _histories(
    pull_request: PullRequest, mission: Mission, member: Membership, submission: Submission | None
) -> dict[UUID, PullRequestHistory]:
    """Return the histories of the member's pull requests on the mission that have been reviewable."""
    others = _others_on_mission(
        pull_request_id=pull_request.id,
        mission_id=mission.id,
        cohort_id=pull_request.cohort_id,
        account_id=member.account_id,
    )
    pull_requests = [pull_request, *others]
    reverted_at = reverted_at_by_id(pull_requests=pull_requests)
    histories = {
        other.id: history_of(
            other,
            _events_of(pull_request_id=other.id),
            _observed_heads_of(pull_request_id=other.id),
            reverted_at=reverted_at.get(other.id),
        )
        for other in pull_requests
    }
    current_id = submission.pull_request_id if submission else None
    return {id_: history for id_, history in histories.items() if history.heads or id_ == current_id}


@compiled
def _others_on_mission(
    *, pull_request_id: UUID, mission_id: UUID, cohort_id: UUID, account_id: UUID
) -> QuerySet[PullRequest]:
    theirs = PullRequest.objects.filter(
        Q(decision__mission=mission_id) | Q(submission__mission=mission_id),
        cohort_id=cohort_id,
        member__account_id=account_id,
        dismissed_at=None,
    )
    return theirs.exclude(id=pull_request_id)


@compiled
def _events_of(*, pull_request_id: UUID) -> QuerySet[TimelineEvent]:
    return TimelineEvent.objects.filter(pull_request=pull_request_id).defer("text")


@compiled
def _observed_heads_of(*, pull_request_id: UUID) -> QuerySet[ObservedHead]:
    return ObservedHead.objects.filter(pull_request=pull_request_id)


def _is_frozen(pull_request: PullRequest) -> bool:
    """Return True if the cohort is closed. Its pull requests are polled again once it reopens."""
    if pull_request.repository.cohort.closed_at is None:
        return False
    # Unpolled pull requests are polled first, and only in open cohorts.
    PullRequest.objects.filter(id=pull_request.id).update(polled_at=None, etag="")
    return True


def _create_or_move(
    submission: Submission | None,
    mission: Mission,
    member: Membership,
    pull_request: PullRequest,
    *,
    chosen: PullRequest,
    at: datetime,
) -> tuple[Submission, PullRequest]:
    """Create the member's submission, or move it to the chosen pull request; return both.

    A chosen pull request that another transaction holds is left to that one.
    """
    # What was sent to Seodang before has none.
    previous = (submission.pull_request if submission else None) or pull_request
    is_free = chosen.id in {previous.id, pull_request.id} or _try_lock(chosen)
    current = chosen if is_free else previous
    if current.id == pull_request.id:
        current = pull_request
    if submission is None:
        submission = Submission.objects.create(
            mission=mission,
            cohort_id=mission.cohort_id,
            membership=member,
            pull_request=current,
            account_id=member.account_id,
            waiting_since=at,
            created_at=at,
        )
    elif (submission.pull_request_id, submission.membership_id) != (current.id, member.id):
        # The member closed one and opened another, or an earlier one was delivered late; or they rejoined.
        submission.pull_request, submission.membership = current, member
        submission.save(update_fields=["pull_request", "membership"])
        is_left = previous.id not in {current.id, pull_request.id} and previous.state != "closed"
        if is_left and _try_lock(previous):
            _set_member(previous, member, Outcome.SECOND_PULL)
    if current.id != pull_request.id and current.unmatched and _try_lock(current):
        _set_member(current, member)
    submission.mission, submission.membership = mission, member
    return submission, current


def _try_lock(pull_request: PullRequest) -> bool:
    """Lock the row and return True, or return False if another transaction holds it."""
    return PullRequest.objects.select_for_update(skip_locked=True).filter(id=pull_request.id).exists()


def _lock_affected(pull_request: PullRequest, *, waits: bool) -> Iterable[PullRequest]:
    """Lock and return what the merge of this pull request may reopen, by member, then oldest first.

    Syncing locks memberships: every transaction locks several of them in one order. A revert waits for the
    locks, since nobody who holds them waits for a revert. Others leave a locked one to the transaction that
    has locked it.
    """
    affected = affected_by_merge(pull_request=pull_request)
    if affected is None:
        return []
    related = affected.select_related("repository__cohort", "member")
    return related.select_for_update(of=("self",), skip_locked=not waits).order_by(
        "member_id", "opened_at", "id"
    )
