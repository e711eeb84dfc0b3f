"""Submit by link: GitHub is asked at once, or the link is queued until it answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotAllowed
from chassis.retry import backoff
from study.cohorts.actions import ensure_open
from study.cohorts.models import Membership, Role
from study.github.actions.ingest import ingest_pull_request
from study.github.actions.polling import respect_rate_limits
from study.github.client import Client, GitHubNotFound, GitHubRateLimited, GitHubUnavailable
from study.github.models import Outcome, PullRequest, Repository, Source
from study.github.rules.patterns import is_match
from study.github.rules.payloads import PullRequestData, PullRequestEvent
from study.memberships.queries import owner_of_pull_request
from study.missions.models import Mission
from study.missions.rules.assignment import Assignment, AssignmentRule
from study.submissions.actions.assignment import decide_mission
from study.submissions.actions.sync import SyncResult, handle_pull_request
from study.submissions.models import PendingLink, Submission
from study.submissions.rules.links import parse_link

MIN_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=1)
MAX_ATTEMPTS = 40


class NotOpenYet(DomainError):
    code = "mission_not_open"
    title = _("This mission is not open yet.")


class KindNotAccepted(DomainError):
    code = "kind_not_accepted"
    title = _("This mission does not accept that. What it accepts: %(accepted)s.")
    status = 422


class LinkError(DomainError):
    """A link that cannot be submitted; a pending link keeps the code. `repository` is the mission's."""

    status = 422

    def __init__(self, *, repository: str) -> None:
        super().__init__(field="link", repository=repository)


class NotAPullRequestLink(LinkError):
    code = "not_a_pull_request_link"
    title = _("This is no link to a pull request. It looks like https://github.com/%(repository)s/pull/1.")


class OtherRepository(LinkError):
    code = "other_repository"
    title = _("Submissions to this mission go to %(repository)s, and the link leads elsewhere.")


class PullRequestNotFound(LinkError):
    code = "pull_request_not_found"
    title = _("GitHub shows no such pull request. Check the number, and that the repository is public.")


class OpenedByBot(LinkError):
    code = "opened_by_bot"
    title = _("A bot opened this pull request. Open one yourself and submit that.")


class PullRequestClosed(LinkError):
    code = "pull_request_closed"
    title = _("This pull request is closed without merging. Reopen it on GitHub, or open a new one.")


class NotYours(LinkError):
    code = "not_yours"
    title = _("This pull request was opened with another member's GitHub account.")


class Unanswered(LinkError):
    code = "unanswered"
    title = _("GitHub did not respond for more than a day. Paste the link again.")


LINK_ERRORS = {error.code: error for error in LinkError.__subclasses__()}


def submit_link(
    *, mission: Mission, membership: Membership, link: str, github: Client, at: datetime
) -> SyncResult:
    """Submit the pull request of a link, as GitHub describes it. Outcome.QUEUED if GitHub does not respond.

    No transaction is open while GitHub is asked. A pull request of an unknown account waits for an operator,
    who sees the member's claim. Raises NotAllowed if the mission is another team's.
    """
    if membership.role != Role.MEMBER or (mission.team_id and not mission.is_for(membership)):
        raise NotAllowed
    ensure_open(cohort=mission.cohort)
    if mission.opens_at > at:
        # Check this first: the errors below reveal the repository.
        raise NotOpenYet
    if not mission.accepts_pull_request:
        raise KindNotAccepted(field="link", accepted=mission.get_accepts_display())
    parsed = parse_link(link)
    if parsed is None:
        raise NotAPullRequestLink(repository=mission.repository)
    repository, number = parsed
    watched = _watched(mission, repository)
    try:
        data = _fetch_pull_request(mission, watched, repository, number, github, at=at)
    except (GitHubRateLimited, GitHubUnavailable):
        _queue_link(mission, membership, repository, number, at=at)
        return SyncResult(Outcome.QUEUED)
    return _submit(mission, membership, watched, data, at=at)


def retry_link(*, link_id: UUID, github: Client, at: datetime) -> None:
    """Submit a queued link. Raises GitHubRateLimited and GitHubUnavailable, on which the caller stops.

    It counts as submitted when it was pasted, unless the pull request has changed since: then the commit
    of that time is unknown, and it counts from now. A link that is not accepted is kept with the error's
    code.
    """
    link = PendingLink.objects.select_related(
        "mission__cohort", "mission__github_repository", "membership"
    ).get(id=link_id)
    try:
        # A link of the release before has no name.
        name = link.repository or link.mission.repository
        watched = _watched(link.mission, name)
        data = _fetch_pull_request(link.mission, watched, name, link.number, github, at=at)
        since = link.pasted_at if data.updated_at <= link.pasted_at else at
        with transaction.atomic():
            _submit(link.mission, link.membership, watched, data, at=since)
            link.delete()
    except (GitHubRateLimited, GitHubUnavailable):
        _schedule_retry(link, at=at)
        raise
    except DomainError as error:
        _reject_link(link, error.code)


def _watched(mission: Mission, name: str) -> Repository:
    """Return the mission's repository, or pattern, of that name. Raises OtherRepository without one."""
    for repository in mission.all_repositories:
        if _has_name(repository, name):
            return repository
    raise OtherRepository(repository=mission.repository)


def _has_name(watched: Repository, name: str) -> bool:
    if watched.is_pattern:
        return is_match(watched.name, name)
    return name in {watched.name, watched.previous_name}


def _fetch_pull_request(
    mission: Mission, watched: Repository, name: str, number: int, github: Client, *, at: datetime
) -> PullRequestData:
    with respect_rate_limits(background=False, at=at):
        try:
            # A renamed repository is asked for by its new name.
            data = github.get_pull_request(name if watched.is_pattern else watched.name, number).body
        except GitHubNotFound:
            raise PullRequestNotFound(repository=mission.repository) from None
    if data is None or not _belongs_to(watched, data):
        raise OtherRepository(repository=mission.repository)
    return data


def _belongs_to(watched: Repository, data: PullRequestData) -> bool:
    repository = data.base.repo
    if not watched.is_pattern and watched.github_id and repository.id:
        return repository.id == watched.github_id
    return _has_name(watched, repository.name)


@transaction.atomic
def _submit(
    mission: Mission, membership: Membership, watched: Repository, data: PullRequestData, *, at: datetime
) -> SyncResult:
    author, repository = data.user, mission.repository
    if author.is_bot:
        raise OpenedByBot(repository=repository)
    if data.state == "closed":
        raise PullRequestClosed(repository=repository)
    owner = (
        owner_of_pull_request(mission.cohort_id, github_id=author.id, login=author.login)
        if author.id
        else None
    )
    if owner and owner.id != membership.id:
        raise NotYours(repository=repository)
    _delete_rejected_links(mission, membership)
    result = ingest_pull_request(
        cohort_id=mission.cohort_id,
        event=PullRequestEvent(data),
        source=Source.LINK,
        at=at,
        claimed_by=None if owner else membership,
        polled=None if watched.is_pattern else watched,
    )
    if result.pull_request is None:
        # The name belongs to another repository by now.
        raise OtherRepository(repository=repository)
    outcome = result.outcome
    if outcome == Outcome.UNRESOLVED:
        # The member says which mission it is for, and nothing contradicts.
        chosen = Assignment(mission.id, AssignmentRule.LINK)
        decide_mission(pull_request=result.pull_request, assignment=chosen, at=at)
        outcome = handle_pull_request(pull_request=result.pull_request, source=Source.LINK, at=at)
    # Poll it soon: its reviews and checks are fetched in the background.
    PullRequest.objects.filter(id=result.pull_request.id).update(polled_at=None, etag="")
    return SyncResult(outcome, Submission.objects.filter(pull_request=result.pull_request).first())


@transaction.atomic
def _queue_link(
    mission: Mission, membership: Membership, repository: str, number: int, *, at: datetime
) -> None:
    _delete_rejected_links(mission, membership)
    # A link that is pasted again keeps its first time.
    PendingLink.objects.get_or_create(
        mission=mission,
        membership=membership,
        number=number,
        repository=repository,
        defaults={"pasted_at": at, "next_attempt_at": at + MIN_RETRY_DELAY},
    )


def _schedule_retry(link: PendingLink, *, at: datetime) -> None:
    link.attempts += 1
    if link.attempts >= MAX_ATTEMPTS:
        _reject_link(link, Unanswered.code)
        return
    link.next_attempt_at = at + backoff(link.attempts + 1, first=MIN_RETRY_DELAY, longest=MAX_RETRY_DELAY)
    link.save(update_fields=["attempts", "next_attempt_at"])


def _reject_link(link: PendingLink, code: str) -> None:
    link.error_code = code
    link.save(update_fields=["error_code"])


def _delete_rejected_links(mission: Mission, membership: Membership) -> None:
    PendingLink.objects.filter(mission=mission, membership=membership, error_code__isnull=False).delete()
