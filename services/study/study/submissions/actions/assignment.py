"""Decide for which mission a pull request is (missions.rules.assignment), and keep the decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from chassis.compiled import compiled
from study.cohorts.models import Membership, Role
from study.github.models import Outcome, PullRequest, Repository
from study.missions.models import Mission, has_repository
from study.missions.rules.assignment import (
    Assignment,
    Candidate,
    PullRequestFacts,
    resolve_mission,
)
from study.submissions.models import MissionDecision, Submission

# Before any mission was created, so that the task applies the rules again.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def assign_mission(
    *, pull_request: PullRequest, member: Membership, at: datetime
) -> tuple[Mission | None, bool]:
    """Return the mission of a member's pull request, and whether it was decided now.

    None if an operator must decide. A decision is stored and stays. Call it with the rows of the pull request
    and of the membership locked.
    """
    if known := _decided(pull_request):
        return known, False
    memberships = _memberships(member)
    missions = {mission.id: mission for mission in _missions(pull_request, memberships)}
    candidates = candidates_for(missions=missions.values(), memberships=memberships)
    assignment = resolve_mission(
        facts_of(pull_request=pull_request),
        candidates=candidates,
        submitted=_submitted_missions([candidate.mission_id for candidate in candidates], member),
    )
    decide_mission(pull_request=pull_request, assignment=assignment, at=at)
    if assignment.mission_id is None:
        return None, False
    return missions[assignment.mission_id], True


def decide_mission(
    *, pull_request: PullRequest, assignment: Assignment, at: datetime, by: UUID | None = None
) -> None:
    """Store for which mission a pull request is. Replaces an earlier decision.

    Call it with the pull request's row locked.
    """
    values = {
        "mission_id": assignment.mission_id,
        "rule": assignment.rule,
        "decided_by": by,
        "decided_at": at,
    }
    # The locked row makes update_or_create's own locks and savepoints needless.
    if _decisions(pull_request_id=pull_request.id):
        MissionDecision.objects.filter(pull_request=pull_request).update(**values)
    else:
        MissionDecision.objects.create(pull_request=pull_request, **values)


@compiled
def _decisions(*, pull_request_id: UUID) -> QuerySet[MissionDecision, UUID]:
    decisions = MissionDecision.objects.filter(pull_request=pull_request_id)
    return decisions.values_list("pull_request_id", flat=True)


def decide_again(*, account_id: UUID) -> None:
    """Let the task look again at what waits: the setting MEMBERSHIP_MOVED_SUBSCRIBER.

    It locks no pull request: those are locked before memberships.
    """
    waiting = MissionDecision.objects.filter(mission=None, pull_request__member__account_id=account_id)
    waiting.filter(pull_request__dismissed_at=None).update(decided_at=_NEVER)


def candidates_for(
    *, missions: Collection[Mission], memberships: Mapping[UUID, Membership]
) -> list[Candidate]:
    """Return those of a repository's missions that are open to a member, whose memberships are by cohort.

    Missions of other teams are left out. The only one that remains is open to every part of its cohort.
    """
    remaining = [
        mission
        for mission in missions
        if mission.team_id is None or mission.is_open_to(memberships[mission.cohort_id])
    ]
    return [
        Candidate(mission.id, mission.cohort_id, mission.opens_at, mission.due_at, mission.marker)
        for mission in remaining
        if len(remaining) == 1 or mission.is_open_to(memberships[mission.cohort_id])
    ]


def _memberships(member: Membership) -> Mapping[UUID, Membership]:
    """Return the live memberships of the member's account, by cohort."""
    theirs = _live_memberships(account_id=member.account_id)
    return {membership.cohort_id: membership for membership in theirs} | {member.cohort_id: member}


@compiled
def _live_memberships(*, account_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.live().filter(account_id=account_id, role=Role.MEMBER)


def _missions(pull_request: PullRequest, cohorts: Iterable[UUID]) -> list[Mission]:
    """Return the missions of the repository in these cohorts, as they open."""
    repository = pull_request.repository
    missions = [
        mission
        for cohort_id in cohorts
        for mission in _missions_in(
            cohort_id=cohort_id,
            repository_id=repository.id,
            pattern_id=repository.pattern_id,
            github_id=repository.github_id,
        )
    ]
    return sorted(missions, key=lambda mission: (mission.opens_at, mission.id))


@compiled
def _missions_in(
    *, cohort_id: UUID, repository_id: UUID, pattern_id: UUID | None, github_id: int | None
) -> QuerySet[Mission]:
    """The same repository may serve several cohorts: it is recognised by GitHub's id."""
    same = has_repository(repository_id, pattern_id)
    if github_id is not None:
        twins = Repository.objects.filter(github_id=github_id, cohort__closed_at=None).values("id")
        same |= Q(github_repository__in=twins) | Q(extra_repositories__in=twins)
    return Mission.objects.filter(same, cohort=cohort_id, accepts_pull_request=True).distinct()


def facts_of(*, pull_request: PullRequest) -> PullRequestFacts:
    """Return what decides about a pull request, as GitHub reported it."""
    return PullRequestFacts(
        opened_at=pull_request.opened_at,
        title=pull_request.title,
        branches=(pull_request.head_ref, pull_request.base_ref),
        labels=tuple(pull_request.labels.splitlines()),
    )


def unresolved(*, cohort_id: UUID) -> QuerySet[PullRequest]:
    """Return the pull requests of members that wait for a mission."""
    waiting = PullRequest.objects.filter(cohort_id=cohort_id, unmatched=Outcome.UNRESOLVED, dismissed_at=None)
    return waiting.exclude(member=None)


def unresolved_others(*, pull_request: PullRequest) -> Iterable[PullRequest]:
    """Lock and return the member's other pull requests that wait for a decision, oldest first.

    A decision can make them certain. One that another transaction holds is left to that one.
    """
    return _unresolved_others(
        repository_id=pull_request.repository_id,
        member_id=pull_request.member_id,
        pull_request_id=pull_request.id,
    )


@compiled
def _unresolved_others(
    *, repository_id: UUID, member_id: UUID | None, pull_request_id: UUID
) -> QuerySet[PullRequest]:
    others = PullRequest.objects.filter(
        repository=repository_id,
        member=member_id,
        unmatched=Outcome.UNRESOLVED,
        dismissed_at=None,
    )
    others = others.exclude(id=pull_request_id).select_for_update(of=("self",), skip_locked=True)
    return others.select_related("repository__cohort", "member").order_by("opened_at", "id")


def _decided(pull_request: PullRequest) -> Mission | None:
    known = _decided_missions(pull_request_id=pull_request.id)
    # A submission of the release before has no decision.
    known = known or _submitted_for(pull_request_id=pull_request.id)
    return known[0] if known else None


@compiled
def _decided_missions(*, pull_request_id: UUID) -> QuerySet[Mission]:
    decided = MissionDecision.objects.filter(pull_request=pull_request_id).values("mission")
    return Mission.objects.filter(id__in=decided)


@compiled
def _submitted_for(*, pull_request_id: UUID) -> QuerySet[Mission]:
    submitted = Submission.objects.filter(pull_request=pull_request_id).values("mission")
    return Mission.objects.filter(id__in=submitted)


def _submitted_missions(missions: Iterable[UUID], member: Membership) -> set[UUID]:
    """Return those of the missions for which the member has a pull request already."""
    decided = _decided_by(account_id=member.account_id)
    submitted = _submitted_by(account_id=member.account_id)
    return {mission_id for mission_id in [*decided, *submitted] if mission_id} & {*missions}


@compiled
def _decided_by(*, account_id: UUID) -> QuerySet[MissionDecision, UUID | None]:
    decided = MissionDecision.objects.filter(
        pull_request__member__account_id=account_id, pull_request__dismissed_at=None
    )
    return decided.values_list("mission_id", flat=True)


@compiled
def _submitted_by(*, account_id: UUID) -> QuerySet[Submission, UUID]:
    return Submission.objects.filter(account_id=account_id).values_list("mission_id", flat=True)
