"""Ingest GitHub webhooks and API responses: pull requests, timelines, submissions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from chassis.events.publish import publish
from study.cohorts.models import Membership
from study.github.rules.event_types import (
    PullRequestData,
    PullRequestEvent,
    RepositoryEvent,
    Review,
    ReviewEvent,
)
from study.missions.actions.repositories import resolve_repository, sync_repository, update_repository_name
from study.missions.models import Mission
from study.submissions.actions.checks import record_early_checks
from study.submissions.actions.github_accounts import find_reviewer
from study.submissions.actions.sync import IngestResult, sync_submission
from study.submissions.actions.timeline import Age, compare_age, record_timeline_events
from study.submissions.events import ChangesRequested
from study.submissions.models import (
    EventKind,
    Outcome,
    PullRequest,
    Source,
    Submission,
    TimelineEvent,
)

_REVIEW_KINDS = {
    "approved": EventKind.APPROVED,
    "changes_requested": EventKind.CHANGES_REQUESTED,
    "commented": EventKind.COMMENTED,
}


@transaction.atomic
def ingest_pull_request(
    *,
    cohort_id: UUID,
    event: PullRequestEvent,
    source: Source,
    at: datetime,
    claimed_by: Membership | None = None,
    polled_mission: Mission | None = None,
) -> IngestResult:
    """Ingest a pull request; its head becomes an attempt if its author is a member.

    Idempotent, and independent of the order of events. `claimed_by` is the member who
    pasted the link of a pull request whose author we do not know; `polled_mission` is the mission whose
    repository GitHub was asked for.
    """
    data = event.pull_request
    # An API response is current.
    as_of = at if polled_mission else data.updated_at
    mission = resolve_repository(
        cohort_id=cohort_id,
        github_id=data.repository_id,
        name=data.repository,
        as_of=as_of,
        polled_mission=polled_mission,
    )
    if mission is None:
        return IngestResult(Outcome.UNKNOWN_REPOSITORY)
    if data.author.is_bot:
        return IngestResult(Outcome.BOT)
    # A delivered pull request need not be polled at once, unlike one that was submitted by link.
    pull_request, is_new = _lock_or_create(mission, data, polled_at=at if source == Source.WEBHOOK else None)
    if pull_request.github_id != data.github_id and pull_request.opened_at != data.opened_at:
        # The repository was deleted and created again, or an operator entered another one.
        return IngestResult(Outcome.OTHER_PULL)
    age = compare_age(pull_request=pull_request, event=event, is_new=is_new)
    changed = record_timeline_events(pull_request=pull_request, event=event, is_new=is_new, age=age, at=at)
    changed = _apply_changes(pull_request, event, age, claimed_by) or changed
    if changed or is_new:
        record_early_checks(pull_request=pull_request)
    result = sync_submission(pull_request=pull_request, source=source, at=at, changed=changed or is_new)
    update_repository_name(
        mission=mission, name=data.repository, as_of=as_of, is_current=polled_mission is not None
    )
    return result


@transaction.atomic
def ingest_review(
    *,
    cohort_id: UUID,
    event: ReviewEvent,
    source: Source,
    at: datetime,
    polled_mission: Mission | None = None,
) -> IngestResult:
    """Ingest a review made on GitHub. Publishes ChangesRequested if it asks for changes."""
    pull_request_event = PullRequestEvent(
        pull_request=event.pull_request, action="reviewed", actor=event.actor
    )
    ingested = ingest_pull_request(
        cohort_id=cohort_id, event=pull_request_event, source=source, at=at, polled_mission=polled_mission
    )
    if ingested.pull_request is None:
        return ingested
    timeline_event = _record_review(ingested.pull_request, event, at=at)
    if timeline_event is None:
        return ingested
    result = sync_submission(pull_request=ingested.pull_request, source=source, at=at)
    if (
        result.submission
        and timeline_event.kind == EventKind.CHANGES_REQUESTED
        and _is_authorised(timeline_event, result.submission)
    ):
        publish(_changes_requested(result.submission, ingested.pull_request, event.review), at=at)
    return result


def ingest_repository(*, cohort_id: UUID, event: RepositoryEvent, at: datetime) -> IngestResult:
    """Ingest a rename, transfer, deletion or change of visibility of a repository. Removes nothing."""
    mission = sync_repository(
        cohort_id=cohort_id,
        github_id=event.github_id,
        name=event.name,
        previous_name=event.previous_name,
        action=event.action,
        at=event.at or at,
    )
    return IngestResult(Outcome.REPOSITORY if mission else Outcome.UNKNOWN_REPOSITORY)


def _lock_or_create(
    mission: Mission, data: PullRequestData, *, polled_at: datetime | None
) -> tuple[PullRequest, bool]:
    """Lock or create the pull request's row; return it and whether it is new."""
    same = PullRequest.objects.filter(mission=mission, number=data.number).values_list("id", flat=True)
    pull_request_id = same.first()
    is_new = pull_request_id is None
    if pull_request_id is None:
        try:
            with transaction.atomic():
                pull_request_id = _create(mission, data, polled_at=polled_at).id
        except IntegrityError:
            # GitHub sends several deliveries about a new pull request at once, and another one created it.
            pull_request_id, is_new = same.get(), False
    # Lock by id: deliveries that lost that race hold a shared lock on the number and would deadlock.
    pull_request = (
        PullRequest.objects.select_for_update(of=("self",)).select_related("owner").get(id=pull_request_id)
    )
    pull_request.mission = mission
    return pull_request, is_new


def _create(mission: Mission, data: PullRequestData, *, polled_at: datetime | None) -> PullRequest:
    return PullRequest.objects.create(
        mission=mission,
        cohort_id=mission.cohort_id,
        number=data.number,
        github_id=data.github_id,
        title=data.title,
        url=data.url,
        author_id=data.author.id,
        author_login=data.author.login,
        head_sha=data.head_sha,
        head_ref=data.head_ref,
        head_repository=data.head_repository,
        base_ref=data.base_ref,
        state=data.state,
        draft=data.draft is True,
        opened_at=data.opened_at,
        github_updated_at=data.updated_at,
        polled_at=polled_at,
    )


def _apply_changes(
    pull_request: PullRequest, event: PullRequestEvent, age: Age, claimed_by: Membership | None
) -> bool:
    """Save the newer state. Return True if anything but the time differs."""
    data = event.pull_request
    # The first claim stays: an operator decides.
    new_values: dict[str, object] = {
        "claimed_by_id": pull_request.claimed_by_id or (claimed_by.id if claimed_by else None)
    }
    if age == Age.NEWER:
        new_values |= {
            "title": data.title,
            "url": data.url,
            "author_login": data.author.login or pull_request.author_login,
            "head_sha": data.head_sha,
            "head_ref": data.head_ref,
            "head_repository": data.head_repository,
            "base_ref": data.base_ref,
            "state": data.state,
            "draft": pull_request.draft if data.draft is None else data.draft,
            "github_updated_at": data.updated_at,
        }
    elif age == Age.SAME_SECOND:
        new_values |= _of_same_second(pull_request, event)
    if "merged" in {pull_request.state, data.state}:
        # GitHub never undoes a merge.
        new_values["state"] = "merged"
    changed_names = [name for name, value in new_values.items() if getattr(pull_request, name) != value]
    for name in changed_names:
        setattr(pull_request, name, new_values[name])
    if changed_names:
        pull_request.save(
            update_fields=["claimed_by" if name == "claimed_by_id" else name for name in changed_names]
        )
    return bool(set(changed_names) - {"github_updated_at"})


def _of_same_second(pull_request: PullRequest, event: PullRequestEvent) -> dict[str, object]:
    """Return what an event changes among those of the same second: only what its action is about."""
    data = event.pull_request
    match event.action:
        case "edited":
            return {"title": data.title, "base_ref": data.base_ref}
        case "synchronize":
            return {"head_sha": _last_of_second(pull_request, data)}
        case "converted_to_draft" | "ready_for_review":
            return {"draft": data.draft if data.draft is not None else event.action == "converted_to_draft"}
        case "reopened":
            return {"state": data.state, "head_sha": data.head_sha}
        case "closed":
            is_reopened = TimelineEvent.objects.filter(
                pull_request=pull_request, kind=EventKind.REOPENED, at=data.updated_at
            ).exists()
            return {} if is_reopened else {"state": data.state}
    return {}


def _last_of_second(pull_request: PullRequest, data: PullRequestData) -> str:
    """Return the head that no other push of the same second replaced."""
    pushes = TimelineEvent.objects.filter(
        pull_request=pull_request,
        kind__in=[EventKind.COMMITS_PUSHED, EventKind.FORCE_PUSHED],
        at=data.updated_at,
    ).values_list("sha", "before_sha")
    last = {sha for sha, _before in pushes} - {before for _sha, before in pushes}
    return last.pop() if len(last) == 1 else data.head_sha


def _record_review(pull_request: PullRequest, event: ReviewEvent, *, at: datetime) -> TimelineEvent | None:
    """Create and return the review's timeline event, or None if it exists."""
    review = event.review
    if event.action == "dismissed" or review.state == "dismissed":
        timeline_event = TimelineEvent(
            key=f"dismissed:{review.id}", kind=EventKind.REVIEW_DISMISSED, at=event.pull_request.updated_at
        )
        timeline_event.actor = event.actor
    else:
        timeline_event = TimelineEvent(
            key=f"review:{review.id}", kind=_REVIEW_KINDS[review.state], at=review.at
        )
        timeline_event.actor, timeline_event.text, timeline_event.sha = (
            review.author.login,
            review.text,
            review.sha,
        )
        if (
            timeline_event.kind != EventKind.COMMENTED
            and not review.author.is_bot
            and review.author.id != pull_request.author_id
        ):
            author = review.author
            timeline_event.reviewer = find_reviewer(
                cohort_id=pull_request.cohort_id, github_id=author.id, login=author.login, at=at
            )
            timeline_event.is_authorised_review = timeline_event.reviewer is not None
    timeline_event.pull_request = pull_request
    same = TimelineEvent.objects.filter(pull_request=pull_request, key=timeline_event.key)
    if event.action == "edited" and same.update(text=timeline_event.text):
        return None
    if same.exists():
        return None
    TimelineEvent.objects.bulk_create([timeline_event])
    return timeline_event


def _is_authorised(timeline_event: TimelineEvent, submission: Submission) -> bool:
    return bool(timeline_event.reviewer and timeline_event.reviewer.account_id != submission.account_id)


def _changes_requested(submission: Submission, pull_request: PullRequest, review: Review) -> ChangesRequested:
    return ChangesRequested(
        submission_id=submission.id,
        cohort_id=pull_request.cohort_id,
        mission_title=pull_request.mission.title,
        reviewer=review.author.login,
        recipients=[submission.account_id],
    )
