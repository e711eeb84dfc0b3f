"""Find which merges are reverted, and what the merge of a revert reopens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from chassis.compiled import compiled
from study.github.models import EventKind, PullRequest, TimelineEvent
from study.missions.rules.assignment import is_revert
from study.submissions.rules.reverts import MergedPullRequest, reverted_at, reverted_numbers

# MySQL compares text by case here, so the title is in lower case; is_revert decides.
_LOOKS_LIKE_REVERT = Q(head_ref__startswith="revert-") | Q(lower_title__contains='revert "')


def reverted_at_by_id(*, pull_requests: Iterable[PullRequest]) -> dict[UUID, datetime]:
    """Return when the merges of pull requests were reverted; without those that hold."""
    found = {}
    for pull_request in pull_requests:
        if pull_request.state == "merged":
            at = reverted_at(pull_request.number, _merged_with_reverts(pull_request))
            if at is not None:
                found[pull_request.id] = at
    return found


def affected_by_merge(*, pull_request: PullRequest) -> QuerySet[PullRequest] | None:
    """Return the other merged pull requests, no reverts, that this one reverts, or whose revert needs it.

    None if there can be none. The latter have the same title, which a revert quotes: without a number, it
    reverts the one that has it.
    """
    if pull_request.state != "merged":
        return None
    known = _merged_with_reverts(pull_request)
    if _is_revert(pull_request):
        reverts = {revert.number for revert in known if revert.is_revert}
        # A revert is no submission, and locking one could be waited for.
        others = _merged_in(pull_request.repository_id).exclude(id=pull_request.id)
        return others.filter(number__in={*reverted_numbers(pull_request.number, known)} - reverts)
    quoted = {
        revert.reverted_title for revert in known if revert.is_revert and revert.reverted_number is None
    }
    if pull_request.title not in quoted:
        return None
    return _merged_in(pull_request.repository_id).exclude(id=pull_request.id).filter(title=pull_request.title)


def _merged_in(repository_id: UUID) -> QuerySet[PullRequest]:
    return PullRequest.objects.filter(repository=repository_id, state="merged")


def _merged_with_reverts(pull_request: PullRequest) -> list[MergedPullRequest]:
    """Return the reverts of its repository, and what they may revert by title. Two statements at most."""
    reverts = [_facts(row) for row in _similar(repository_id=pull_request.repository_id)]
    titles = {revert.reverted_title for revert in reverts if revert.reverted_number is None} - {""}
    known = {revert.number for revert in reverts}
    if not titles:
        return reverts
    titled = _with_merge(pull_request.repository_id).filter(title__in=titles).exclude(number__in=known)
    return reverts + [_facts(row) for row in titled]


def _with_merge(repository_id: UUID) -> QuerySet[PullRequest]:
    merge = TimelineEvent.objects.filter(pull_request=OuterRef("id"), kind=EventKind.MERGED)
    return _merged_in(repository_id).annotate(merged_at=Subquery(merge.values("at")[:1]))


@compiled
def _similar(*, repository_id: UUID) -> QuerySet[PullRequest]:
    return _with_merge(repository_id).annotate(lower_title=Lower("title")).filter(_LOOKS_LIKE_REVERT)


def _is_revert(pull_request: PullRequest) -> bool:
    return is_revert(title=pull_request.title, branch=pull_request.head_ref)


def _facts(row: PullRequest) -> MergedPullRequest:
    return MergedPullRequest(
        number=row.number,
        title=row.title,
        merged_at=row.merged_at or row.github_updated_at,  # type: ignore[attr-defined]
        is_revert=_is_revert(row),
        reverted_number=row.reverted_number,
    )
