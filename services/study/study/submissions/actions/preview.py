"""Count what pull requests that exist already would become, before a mission is saved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db.models import Q

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Membership, Role
from study.github.actions.polling import list_pull_requests, respect_rate_limits
from study.github.client import Client, GitHubNotFound, GitHubRateLimited, GitHubUnavailable
from study.github.models import PullRequest, Repository
from study.missions.actions.missions import schedule
from study.missions.models import Mission, has_repository
from study.missions.rules.assignment import (
    Assignment,
    AssignmentRule,
    PullRequestFacts,
    is_revert,
    resolve_missions,
)
from study.submissions.actions.assignment import candidates_for, facts_of


@dataclass(frozen=True)
class AssignmentPreview:
    """What the pull requests without a decision would become. `is_complete` is False if GitHub was silent."""

    assigned: int
    to_decide: int
    # Opened by people whose GitHub account is no member's.
    unknown: int
    is_complete: bool

    @property
    def found(self) -> int:
        return self.assigned + self.to_decide + self.unknown


@dataclass(frozen=True)
class _Found:
    github_id: int
    login: str
    facts: PullRequestFacts
    # Whose it is, if that is stored.
    member_id: UUID | None = None


def preview_assignments(
    *,
    cohort: Cohort,
    mission: Mission | None = None,
    repository: str,
    other_repositories: Sequence[str],
    marker: str,
    week_id: UUID,
    part_id: UUID | None,
    team_id: UUID | None = None,
    opens_at: datetime | None,
    due_at: datetime | None,
    github: Client,
    at: datetime,
) -> AssignmentPreview:
    """Return what the pull requests in these repositories would become with the mission as given.

    Those that are decided already stay, and are not counted. GitHub is asked for the newest of each
    repository; of a pattern, only those count that were delivered. Raises what `schedule` raises.
    """
    names = [name for name in (repository, *other_repositories) if name]
    given = schedule(
        cohort=cohort, week_id=week_id, part_id=part_id, team_id=team_id, opens_at=opens_at, due_at=due_at
    )
    watched = [row.id for row in Repository.objects.filter(cohort=cohort, name__in=names)]
    edited = Mission(id=mission.id if mission else uuid4(), cohort=cohort, marker=marker, **given)
    others = Mission.objects.filter(has_repository(*watched), cohort=cohort).exclude(id=edited.id)
    missions = [*others.distinct(), edited]
    since = min(other.opens_at for other in missions)
    found, is_complete = _find(cohort, names, since, github, at=at)
    members = _Members(cohort)
    by_member: defaultdict[Membership, list[PullRequestFacts]] = defaultdict(list)
    unknown = 0
    for pull_request in found:
        if member := members.find(pull_request):
            by_member[member].append(pull_request.facts)
        elif pull_request.facts.previous is None:
            unknown += 1
    counts = Counter(
        assignment.mission_id is not None
        for member, facts in by_member.items()
        for assignment in _resolve(member, facts, missions)
        if assignment.rule != AssignmentRule.PREVIOUS
    )
    return AssignmentPreview(counts[True], counts[False], unknown, is_complete)


def _resolve(
    member: Membership, facts: Sequence[PullRequestFacts], missions: Sequence[Mission]
) -> Iterable[Assignment]:
    candidates = candidates_for(missions=missions, memberships={member.cohort_id: member})
    return resolve_missions(dict(enumerate(facts)), candidates=candidates).values()


def _find(
    cohort: Cohort, names: Sequence[str], since: datetime, github: Client, *, at: datetime
) -> tuple[list[_Found], bool]:
    """Return the pull requests, those decided already with `previous`, and whether GitHub named all."""
    is_complete = True
    found: dict[tuple[str, int], _Found] = {}
    for name in names:
        if name.endswith("*"):
            continue
        try:
            with respect_rate_limits(background=False, at=at):
                listed, _etag = list_pull_requests(github=github, repository=name)
        except GitHubNotFound:
            # It will be made, or is private.
            continue
        except (GitHubRateLimited, GitHubUnavailable):
            # Another request would take as long.
            is_complete = False
            break
        for data in listed:
            is_new = data.state == "open" or (data.state == "merged" and data.created_at >= since)
            if is_new and not data.user.is_bot and not is_revert(title=data.title, branch=data.head.ref):
                labels = tuple(label.name for label in data.labels)
                branches = (data.head.ref, data.base.ref)
                facts = PullRequestFacts(data.created_at, data.title, branches, labels)
                found[name, data.number] = _Found(data.user.id, data.user.login, facts)
    for row in _stored(cohort, names):
        key = (row.repository.name, row.number)
        if row.dismissed_at or is_revert(title=row.title, branch=row.head_ref):
            found.pop(key, None)
            continue
        facts = facts_of(pull_request=row)
        # A submission of the release before has no decision.
        decided = getattr(row, "decision", None) or getattr(row, "submission", None)
        if decided:
            facts = replace(facts, previous=decided.mission_id)
        found[key] = _Found(row.author_id, row.author_login, facts, row.member_id)
    return list(found.values()), is_complete


def _stored(cohort: Cohort, names: Sequence[str]) -> Iterable[PullRequest]:
    rows = PullRequest.objects.filter(cohort=cohort).select_related("repository", "decision", "submission")
    return rows.filter(Q(repository__name__in=names) | Q(repository__pattern__name__in=names))


class _Members:
    """The cohort's members by GitHub account."""

    def __init__(self, cohort: Cohort) -> None:
        memberships = list(Membership.objects.live().filter(cohort=cohort, role=Role.MEMBER))
        accounts = [membership.account_id for membership in memberships]
        mirrors = AccountMirror.objects.filter(account_id__in=accounts, github_id__isnull=False)
        linked = dict(mirrors.values_list("account_id", "github_id"))
        self._by_id = {
            github_id: membership
            for membership in memberships
            if (github_id := membership.github_id or linked.get(membership.account_id))
        }
        self._by_membership = {membership.id: membership for membership in memberships}
        self._by_login = {
            membership.github_login: membership
            for membership in memberships
            if membership.github_login and not membership.github_id
        }

    def find(self, pull_request: _Found) -> Membership | None:
        """Return its member, by GitHub's id of the author, else by the login that an operator entered."""
        if pull_request.member_id in self._by_membership:
            return self._by_membership[pull_request.member_id]
        if pull_request.github_id in self._by_id:
            return self._by_id[pull_request.github_id]
        return self._by_login.get(pull_request.login.lower())
