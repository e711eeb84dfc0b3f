"""Ingest GitHub webhooks and API responses: pull requests, reviews, repositories."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from chassis.compiled import compiled
from study.cohorts.models import Membership
from study.github.actions.accounts import authorise, is_of_other_cohort
from study.github.actions.checks import record_early_checks
from study.github.actions.repositories import resolve_repository, update_repository_name
from study.github.actions.subscription import IngestResult, pull_request_subscriber
from study.github.actions.timeline import Age, compare_age, record_timeline_events
from study.github.models import EventKind, Outcome, PullRequest, Repository, Source, TimelineEvent
from study.github.rules.payloads import PullRequestData, PullRequestEvent, ReviewEvent

_REVIEW_KINDS = {
    "approved": EventKind.APPROVED,
    "changes_requested": EventKind.CHANGES_REQUESTED,
    "commented": EventKind.COMMENTED,
}
# What an event may change; a change of anything else is no news.
_CONTENT = (
    *("title", "url", "author_login", "head_sha", "head_ref", "head_repository", "base_ref"),
    *("labels", "state", "draft", "claimed_by_id", "reverted_number"),
)


@transaction.atomic(savepoint=False)
def ingest_pull_request(
    *,
    cohort_id: UUID,
    event: PullRequestEvent,
    source: Source,
    at: datetime,
    claimed_by: Membership | None = None,
    polled: Repository | None = None,
) -> IngestResult:
    """Ingest a pull request and call the subscriber. Idempotent, and independent of the order of events.

    `claimed_by` is the member who pasted the link of a pull request whose author we do not know; `polled` is
    the repository that GitHub was asked for.
    """
    data = event.pull_request
    # An API response is current.
    as_of = at if polled else data.updated_at
    repository = resolve_repository(cohort_id=cohort_id, data=data.base.repo, as_of=as_of, polled=polled)
    if repository is None:
        return IngestResult(Outcome.UNKNOWN_REPOSITORY)
    if data.user.is_bot:
        return IngestResult(Outcome.BOT)
    # A delivered pull request need not be polled at once, unlike one that was submitted by link.
    pull_request, is_new = _lock_or_create(
        repository,
        data,
        polled_at=at if source == Source.WEBHOOK else None,
        is_claimed=claimed_by is not None,
    )
    if pull_request is None:
        return IngestResult(Outcome.OTHER_COHORT)
    if pull_request.github_id != data.id and pull_request.opened_at != data.created_at:
        # The repository was deleted and created again, or an operator entered another one.
        return IngestResult(Outcome.OTHER_PULL)
    age = compare_age(pull_request=pull_request, event=event, is_new_pull_request=is_new)
    changed = record_timeline_events(
        pull_request=pull_request, event=event, is_new_pull_request=is_new, age=age, at=at
    )
    changed = _apply_changes(pull_request, event, age, claimed_by) or changed
    if changed or is_new:
        record_early_checks(pull_request=pull_request)
    outcome = pull_request_subscriber()(
        pull_request=pull_request, source=source, at=at, changed=changed or is_new
    )
    update_repository_name(
        repository=repository, name=data.base.repo.name, as_of=as_of, is_current=polled is not None
    )
    return IngestResult(outcome, pull_request)


@transaction.atomic(savepoint=False)
def ingest_review(
    *, cohort_id: UUID, event: ReviewEvent, source: Source, at: datetime, polled: Repository | None = None
) -> IngestResult:
    """Ingest a review made on GitHub, and its pull request."""
    ingested = ingest_pull_request(
        cohort_id=cohort_id,
        event=PullRequestEvent(pull_request=event.pull_request, action="reviewed", sender=event.sender),
        source=source,
        at=at,
        polled=polled,
    )
    if ingested.pull_request is None:
        return ingested
    review = _record_review(ingested.pull_request, event, at=at)
    if review is None:
        return ingested
    outcome = pull_request_subscriber()(
        pull_request=ingested.pull_request, source=source, at=at, review=review
    )
    return IngestResult(outcome, ingested.pull_request)


def _lock_or_create(
    repository: Repository, data: PullRequestData, *, polled_at: datetime | None, is_claimed: bool
) -> tuple[PullRequest | None, bool]:
    """Lock or create the pull request's row; return it and whether it is new.

    None if there is no row, and its author is a member of another cohort that shares the repository. A revert
    is stored: it may reopen a submission of this one.
    """
    ids = _ids(repository_id=repository.id, number=data.number)
    if not ids:
        is_revert = data.reverted_number is not None
        if not (is_claimed or is_revert) and is_of_other_cohort(
            repository=repository, github_id=data.user.id, login=data.user.login
        ):
            return None, False
        # GitHub sends several deliveries about a new pull request at once. The lock lets one create it, and
        # comes before the cohort's, which creating it shares, as in every transaction with both.
        _lock_repository(repository_id=repository.id)
        ids = _ids(repository_id=repository.id, number=data.number)
    if not ids:
        return _create(repository, data, polled_at=polled_at), True
    [pull_request] = _locked(pull_request_id=ids[0])
    pull_request.repository = repository
    return pull_request, False


@compiled
def _lock_repository(*, repository_id: UUID) -> QuerySet[Repository, UUID]:
    return Repository.objects.select_for_update().filter(id=repository_id).values_list("id", flat=True)


@compiled
def _ids(*, repository_id: UUID, number: int) -> QuerySet[PullRequest, UUID]:
    return PullRequest.objects.filter(repository=repository_id, number=number).values_list("id", flat=True)


@compiled
def _locked(*, pull_request_id: UUID) -> QuerySet[PullRequest]:
    rows = PullRequest.objects.select_for_update(of=("self",)).select_related("member")
    return rows.filter(id=pull_request_id)


def _create(repository: Repository, data: PullRequestData, *, polled_at: datetime | None) -> PullRequest:
    return PullRequest.objects.create(
        repository=repository,
        cohort_id=repository.cohort_id,
        number=data.number,
        github_id=data.id,
        author_id=data.user.id,
        opened_at=data.created_at,
        github_updated_at=data.updated_at,
        polled_at=polled_at,
        **_columns(data),
    )


def _columns(data: PullRequestData) -> dict[str, object]:
    """Return what GitHub may change of a pull request; without what GitHub does not say."""
    fork = data.head.repo
    columns: dict[str, object] = {
        "title": data.title,
        "url": data.html_url,
        "head_sha": data.head.sha,
        "head_ref": data.head.ref,
        "head_repository": fork.name if fork else "",
        "base_ref": data.base.ref,
        # GitHub allows 100 labels; the first are enough to name a mission.
        "labels": "\n".join(label.name for label in data.labels)[:1000],
        "state": data.state,
        "reverted_number": data.reverted_number,
    }
    if data.user.login:
        columns["author_login"] = data.user.login
    if data.draft is not None:
        columns["draft"] = data.draft
    return columns


def _apply_changes(
    pull_request: PullRequest, event: PullRequestEvent, age: Age, claimed_by: Membership | None
) -> bool:
    """Save the newer state. Return True if anything but the time differs."""
    data = event.pull_request
    before, updated_at = _content(pull_request), pull_request.github_updated_at
    is_merged = "merged" in {pull_request.state, data.state}
    if pull_request.claimed_by_id is None:
        # The first claim stays: an operator decides.
        pull_request.claimed_by = claimed_by
    if age == Age.NEWER:
        pull_request.github_updated_at = data.updated_at
        for name, value in _columns(data).items():
            setattr(pull_request, name, value)
    elif age == Age.SAME_SECOND:
        _apply_same_second(pull_request, event)
    if is_merged:
        # GitHub never undoes a merge.
        pull_request.state = "merged"
    is_changed = _content(pull_request) != before
    if is_changed or pull_request.github_updated_at != updated_at:
        pull_request.save(update_fields=[*_CONTENT, "github_updated_at"])
    return is_changed


def _content(pull_request: PullRequest) -> list[object]:
    return [getattr(pull_request, name) for name in _CONTENT]


def _apply_same_second(pull_request: PullRequest, event: PullRequestEvent) -> None:
    """Apply an event among those of the same second: only what its action is about."""
    data = event.pull_request
    match event.action:
        case "edited":
            pull_request.title, pull_request.base_ref = data.title, data.base.ref
        case "labeled" | "unlabeled":
            pull_request.labels = str(_columns(data)["labels"])
        case "synchronize":
            pull_request.head_sha = _last_of_second(pull_request, data)
        case "converted_to_draft" | "ready_for_review":
            is_draft = event.action == "converted_to_draft"
            pull_request.draft = is_draft if data.draft is None else data.draft
        case "reopened":
            pull_request.state, pull_request.head_sha = data.state, data.head.sha
        case "closed":
            is_reopened = TimelineEvent.objects.filter(
                pull_request=pull_request, kind=EventKind.REOPENED, at=data.updated_at
            ).exists()
            if not is_reopened:
                pull_request.state = data.state


def _last_of_second(pull_request: PullRequest, data: PullRequestData) -> str:
    """Return the head that no other push of the same second replaced."""
    pushes = TimelineEvent.objects.filter(
        pull_request=pull_request,
        kind__in=[EventKind.COMMITS_PUSHED, EventKind.FORCE_PUSHED],
        at=data.updated_at,
    ).values_list("sha", "before_sha")
    last = {sha for sha, _before in pushes} - {before for _sha, before in pushes}
    return last.pop() if len(last) == 1 else data.head.sha


def _record_review(pull_request: PullRequest, event: ReviewEvent, *, at: datetime) -> TimelineEvent | None:
    """Create and return the review's timeline event, or None if it exists."""
    review, author = event.review, event.review.user
    if event.action == "dismissed" or review.state == "dismissed":
        timeline_event = TimelineEvent(
            key=f"dismissed:{review.id}",
            kind=EventKind.REVIEW_DISMISSED,
            at=event.pull_request.updated_at,
            actor=event.sender.login,
        )
    else:
        timeline_event = TimelineEvent(
            key=f"review:{review.id}",
            kind=_REVIEW_KINDS[review.state],
            at=review.submitted_at or event.pull_request.updated_at,
            actor=author.login,
            text=review.body,
            sha=review.commit_id,
        )
        if timeline_event.kind != EventKind.COMMENTED:
            authorise(timeline_event=timeline_event, pull_request=pull_request, user=author, at=at)
    timeline_event.pull_request = pull_request
    same = TimelineEvent.objects.filter(pull_request=pull_request, key=timeline_event.key)
    if event.action == "edited" and same.update(text=timeline_event.text):
        return None
    if same.exists():
        return None
    TimelineEvent.objects.bulk_create([timeline_event])
    return timeline_event
