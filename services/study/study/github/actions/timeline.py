"""Record what happened to a pull request as timeline events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from chassis.compiled import compiled
from study.github.actions.accounts import authorise
from study.github.models import EventKind, ObservedHead, PullRequest, TimelineEvent
from study.github.rules.payloads import PullRequestEvent

_REVIEWS = {EventKind.APPROVED, EventKind.CHANGES_REQUESTED, EventKind.COMMENTED}
# Webhook actions whose time is when the head became reviewable; others only show that the head exists.
_HEAD_ACTIONS = {"opened", "synchronize", "ready_for_review", "reopened"}
_CORRIGIBLE = (
    "kind",
    "at",
    "actor",
    "sha",
    "before_sha",
    "compare_due_at",
    "reviewable_at",
    "is_github_time",
    "actor_id",
    "reviewer_id",
    "is_authorised_review",
)


class Age(Enum):
    """An event's age compared with the stored state. GitHub's times have seconds, so ties are common."""

    OLDER = "older"
    SAME_SECOND = "same_second"
    NEWER = "newer"


def compare_age(*, pull_request: PullRequest, event: PullRequestEvent, is_new_pull_request: bool) -> Age:
    """Compare the event with the stored state. An API response counts as current."""
    reported_at, known_at = event.pull_request.updated_at, pull_request.github_updated_at
    if is_new_pull_request or reported_at > known_at or (reported_at == known_at and event.is_poll):
        return Age.NEWER
    return Age.SAME_SECOND if reported_at == known_at else Age.OLDER


def record_timeline_events(
    *, pull_request: PullRequest, event: PullRequestEvent, is_new_pull_request: bool, age: Age, at: datetime
) -> bool:
    """Create missing timeline events, and correct existing ones. Return True if any was created.

    A head counts from GitHub's time if its own webhook arrives, however late; until then from when another
    event first showed it (ObservedHead). Call it with the pull request's row locked, before its state is
    updated.
    """
    known = [] if is_new_pull_request else _known(pull_request_id=pull_request.id)
    by_key = {timeline_event.key: timeline_event for timeline_event in known}
    known_events = {(timeline_event.kind, timeline_event.at, timeline_event.sha) for timeline_event in known}
    newer = age == Age.NEWER
    timeline_events = [
        _opening(pull_request, event),
        *_push(pull_request, event, is_new_pull_request=is_new_pull_request, newer=newer, at=at),
        *_readiness(pull_request, event, is_update=newer and not is_new_pull_request),
        *_closing(event),
        *_reopening(pull_request, event, known, is_update=newer and not is_new_pull_request),
        *_requests(event, known, newer=newer),
    ]
    for timeline_event in timeline_events:
        timeline_event.pull_request = pull_request
        stored = by_key.get(timeline_event.key)
        if timeline_event.kind == EventKind.MERGED and (stored is None or stored.actor_id is None):
            authorise(timeline_event=timeline_event, pull_request=pull_request, user=event.merged_by, at=at)
    new = [
        timeline_event
        for timeline_event in timeline_events
        if timeline_event.key not in by_key
        and (timeline_event.kind, timeline_event.at, timeline_event.sha) not in known_events
    ]
    TimelineEvent.objects.bulk_create(new)
    for timeline_event in timeline_events:
        if stored := by_key.get(timeline_event.key):
            _correct(stored, timeline_event, event)
    if event.action == "reopened":
        # The head came with the reopening: what looked like a push was none.
        TimelineEvent.objects.filter(
            pull_request=pull_request, key=f"push:{event.pull_request.head.sha}", actor="", reviewable_at=None
        ).delete()
    if (
        newer
        and _shows_head(pull_request, event)
        and not _has_github_time(event.pull_request.head.sha, known)
    ):
        # The pull request's lock makes get_or_create's savepoint needless.
        head: dict[str, Any] = {"pull_request_id": pull_request.id, "sha": event.pull_request.head.sha}
        if not _observed_heads(**head):
            ObservedHead.objects.create(**head, observed_at=at)
    return bool(new)


@compiled
def _known(*, pull_request_id: UUID) -> QuerySet[TimelineEvent]:
    return TimelineEvent.objects.filter(pull_request=pull_request_id).defer("text")


@compiled
def _observed_heads(*, pull_request_id: UUID, sha: str) -> QuerySet[ObservedHead, int]:
    heads = ObservedHead.objects.filter(pull_request=pull_request_id, sha=sha)
    return heads.values_list("id", flat=True)


def _shows_head(pull_request: PullRequest, event: PullRequestEvent) -> bool:
    """Return True if the event shows a reviewable head, but not since when it is reviewable."""
    return (
        event.action not in _HEAD_ACTIONS
        and event.pull_request.state != "closed"
        and not _is_draft(pull_request, event)
    )


def _has_github_time(sha: str, known: Iterable[TimelineEvent]) -> bool:
    return any(timeline_event.sha == sha and timeline_event.is_github_time for timeline_event in known)


def _correct(stored: TimelineEvent, reported: TimelineEvent, event: PullRequestEvent) -> None:
    """Correct a stored event: its own delivery wins, then the earliest; missing fields are filled in."""
    before = {name: getattr(stored, name) for name in _CORRIGIBLE}
    is_opening = reported.key == "opened" and event.action == "opened"
    is_push = reported.kind == EventKind.COMMITS_PUSHED and event.action == "synchronize" and not stored.actor
    is_better = is_opening or is_push or reported.at < stored.at
    reviewable_at = stored.reviewable_at if stored.is_github_time else None
    if is_opening:
        stored.kind, stored.sha = reported.kind, reported.sha
    if is_better:
        stored.at, stored.actor = reported.at, reported.actor or stored.actor
    if is_better and reported.before_sha and reported.before_sha != stored.before_sha:
        stored.before_sha, stored.compare_due_at = reported.before_sha, reported.compare_due_at
    stored.actor = stored.actor or reported.actor
    if stored.actor_id is None and reported.actor_id:
        # GitHub's lists do not say who merged.
        for name in ("actor_id", "reviewer_id", "is_authorised_review"):
            setattr(stored, name, getattr(reported, name))
    stored.before_sha = stored.before_sha or reported.before_sha
    if reported.reviewable_at and (reviewable_at is None or reported.reviewable_at < reviewable_at):
        stored.reviewable_at, stored.is_github_time = reported.reviewable_at, True
    # Only what differs: meanwhile, detect_force_push may have written the others.
    if changed_names := [name for name, value in before.items() if getattr(stored, name) != value]:
        stored.save(update_fields=changed_names)


def _is_draft(pull_request: PullRequest, event: PullRequestEvent) -> bool:
    return pull_request.draft if event.pull_request.draft is None else event.pull_request.draft


def _reviewable_fields(
    pull_request: PullRequest, event: PullRequestEvent, reviewable_at: datetime
) -> dict[str, object]:
    """Return the fields that make the head reviewable; none for a draft or a closed pull request."""
    if event.pull_request.state == "closed" or _is_draft(pull_request, event):
        return {}
    return {"reviewable_at": reviewable_at, "is_github_time": True}


def _opening(pull_request: PullRequest, event: PullRequestEvent) -> TimelineEvent:
    data = event.pull_request
    was_draft = data.draft is True or event.action == "ready_for_review"
    return TimelineEvent(
        key="opened",
        kind=EventKind.DRAFT_OPENED if was_draft else EventKind.OPENED,
        at=data.created_at,
        actor=data.user.login,
        sha=event.before if event.action == "synchronize" else data.head.sha,
        # Only the delivery of the opening names the head.
        **(_reviewable_fields(pull_request, event, data.created_at) if event.action == "opened" else {}),
    )


def _push(
    pull_request: PullRequest,
    event: PullRequestEvent,
    *,
    is_new_pull_request: bool,
    newer: bool,
    at: datetime,
) -> Iterator[TimelineEvent]:
    data = event.pull_request
    is_own = event.action == "synchronize"
    # A closed pull request does not follow its branch until it is reopened; that event contains the head.
    noticed = (
        newer
        and not is_new_pull_request
        and data.head.sha != pull_request.head_sha
        and event.action != "reopened"
    )
    if is_own or noticed:
        before = event.before or ("" if is_new_pull_request else pull_request.head_sha)
        yield TimelineEvent(
            key=f"push:{data.head.sha}",
            kind=EventKind.COMMITS_PUSHED,
            at=data.updated_at,
            actor=event.sender.login if is_own else "",
            sha=data.head.sha,
            before_sha=before,
            compare_due_at=at if before and before != data.head.sha else None,
            **(_reviewable_fields(pull_request, event, data.updated_at) if is_own else {}),
        )


def _readiness(
    pull_request: PullRequest, event: PullRequestEvent, *, is_update: bool
) -> Iterator[TimelineEvent]:
    data = event.pull_request
    # Only a poll infers this from the state; with a webhook, GitHub sends the event itself.
    noticed = event.is_poll and is_update and data.draft is not None and data.draft != pull_request.draft
    if event.action == "converted_to_draft" or (noticed and data.draft):
        kind, key = EventKind.DRAFTED, f"drafted:{data.head.sha}"
    elif event.action == "ready_for_review" or noticed:
        kind, key = EventKind.READY, f"ready:{data.head.sha}"
    else:
        return
    is_own = event.action == "ready_for_review"
    yield TimelineEvent(
        key=key,
        kind=kind,
        at=data.updated_at,
        actor=event.sender.login,
        sha=data.head.sha,
        **(_reviewable_fields(pull_request, event, data.updated_at) if is_own else {}),
    )


def _closing(event: PullRequestEvent) -> Iterator[TimelineEvent]:
    data = event.pull_request
    if data.merged_at:
        yield TimelineEvent(
            key="merged",
            kind=EventKind.MERGED,
            at=data.merged_at,
            actor=event.merged_by.login,
            sha=data.merge_commit_sha,
            text=data.base.ref,
        )
    elif data.state == "closed" and data.closed_at:
        actor = event.sender.login if event.action == "closed" else ""
        key = f"closed:{data.closed_at.isoformat()}"
        yield TimelineEvent(key=key, kind=EventKind.CLOSED, at=data.closed_at, actor=actor)


def _reopening(
    pull_request: PullRequest, event: PullRequestEvent, known: Iterable[TimelineEvent], *, is_update: bool
) -> Iterator[TimelineEvent]:
    data = event.pull_request
    noticed = event.is_poll and is_update and pull_request.state == "closed" and data.state == "open"
    if event.action != "reopened" and not noticed:
        return
    # The key names the closing that it undoes, which is the same for webhook and poll.
    closings = [
        timeline_event.at
        for timeline_event in known
        if timeline_event.kind == EventKind.CLOSED and timeline_event.at <= data.updated_at
    ]
    closing = max(closings).isoformat() if closings else "unseen"
    yield TimelineEvent(
        key=f"reopened:{closing}",
        kind=EventKind.REOPENED,
        at=data.updated_at,
        actor=event.sender.login,
        sha=data.head.sha,
        **({} if noticed else _reviewable_fields(pull_request, event, data.updated_at)),
    )


def _requests(
    event: PullRequestEvent, known: Iterable[TimelineEvent], *, newer: bool
) -> Iterator[TimelineEvent]:
    data = event.pull_request
    requested = [event.requested] if event.requested else []
    if event.is_poll and newer:
        # A poll returns who is asked now, not since when: only the others are new.
        requested = [
            reviewer for reviewer in data.reviewers if reviewer and not _is_requested(reviewer, known)
        ]
    for reviewer in requested:
        yield TimelineEvent(
            key=f"requested:{reviewer}:{data.head.sha}",
            kind=EventKind.REVIEW_REQUESTED,
            at=data.updated_at,
            actor=event.sender.login,
            text=reviewer,
            sha=data.head.sha,
        )


def _is_requested(reviewer: str, known: Iterable[TimelineEvent]) -> bool:
    """Return True if the reviewer was asked, and has not reviewed since."""
    requests = [
        timeline_event.at
        for timeline_event in known
        if timeline_event.key.startswith(f"requested:{reviewer}:")
    ]
    reviews = [
        timeline_event.at
        for timeline_event in known
        if timeline_event.kind in _REVIEWS and timeline_event.actor == reviewer
    ]
    return bool(requests) and (not reviews or max(reviews) < max(requests))
