"""From what GitHub said of a pull request to the lines of its story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from study.submissions.github import PullFact
from study.submissions.models import Kind, Moment, Pull

_REVIEWS = {Kind.APPROVED, Kind.CHANGES_REQUESTED, Kind.COMMENTED}


def is_newer(*, pull: Pull, fact: PullFact) -> bool:
    """Whether this is at least as new as what we have. GitHub counts in seconds, so ties are common."""
    said = fact.pull
    if said.updated_at != pull.github_updated_at:
        return said.updated_at > pull.github_updated_at
    if pull.state != "open" and said.state == "open" and fact.action != "reopened":
        return False
    # In the same second a push names the head that it follows; our own question is answered with the present.
    follows = fact.action == "" or (fact.action == "synchronize" and fact.before == pull.head_sha)
    return follows or said.head_sha == pull.head_sha


def tell(*, pull: Pull, fact: PullFact, is_new: bool, newer: bool, at: datetime) -> bool:
    """Write the moments of this fact that are not there yet. True if there were any.

    To be called with the pull request's row locked, before it takes over the fact's state.
    """
    known = {moment.key: moment for moment in Moment.objects.filter(pull=pull).defer("text")}
    said = fact.pull
    offered_at = at if newer and said.state != "closed" and not _is_draft(pull, fact) else None
    told = [
        *_opening(pull, fact, is_new=is_new, offered_at=offered_at),
        *_push(pull, fact, is_new=is_new, newer=newer, at=at, offered_at=offered_at),
        *_readiness(pull, fact, changed=newer and not is_new, offered_at=offered_at),
        *_closing(pull, fact),
        *_reopening(pull, fact, known.values(), changed=newer and not is_new, offered_at=offered_at),
        *_requests(pull, fact, known.values(), newer=newer),
    ]
    new = [moment for moment in told if moment.key not in known]
    Moment.objects.bulk_create(new)
    for moment in told:
        again = known.get(moment.key)
        # A push of which we had heard too late, and to which the branch has now come back.
        if again and again.offered_at is None and moment.offered_at and again.sha == moment.sha:
            again.offered_at = moment.offered_at
            again.save(update_fields=["offered_at"])
    return bool(new)


def _is_draft(pull: Pull, fact: PullFact) -> bool:
    return pull.draft if fact.pull.draft is None else fact.pull.draft


def _is_push(pull: Pull, fact: PullFact, *, is_new: bool, newer: bool) -> bool:
    moved = newer and not is_new and fact.pull.head_sha != pull.head_sha
    return fact.action == "synchronize" or moved


def _opening(pull: Pull, fact: PullFact, *, is_new: bool, offered_at: datetime | None) -> list[Moment]:
    said = fact.pull
    # Where the first that we hear is a later event, that event offers the head, not the opening.
    was_draft = said.draft is True or fact.action == "ready_for_review"
    later = fact.action in {"synchronize", "ready_for_review", "reopened"}
    return [
        Moment(
            pull=pull,
            key="opened",
            kind=Kind.DRAFT_OPENED if was_draft else Kind.OPENED,
            at=said.opened_at,
            actor=said.author.login,
            sha=fact.before if fact.action == "synchronize" else said.head_sha,
            offered_at=offered_at if is_new and not later else None,
        )
    ]


def _push(
    pull: Pull, fact: PullFact, *, is_new: bool, newer: bool, at: datetime, offered_at: datetime | None
) -> list[Moment]:
    if not _is_push(pull, fact, is_new=is_new, newer=newer):
        return []
    said = fact.pull
    before = fact.before or ("" if is_new else pull.head_sha)
    return [
        Moment(
            pull=pull,
            key=f"push:{said.head_sha}",
            kind=Kind.COMMITS_PUSHED,
            at=said.updated_at,
            actor=fact.actor if fact.action == "synchronize" else "",
            sha=said.head_sha,
            before_sha=before,
            offered_at=offered_at,
            compare_at=at if before and before != said.head_sha else None,
        )
    ]


def _readiness(pull: Pull, fact: PullFact, *, changed: bool, offered_at: datetime | None) -> list[Moment]:
    said = fact.pull
    turned = changed and said.draft is not None and said.draft != pull.draft
    if fact.action == "converted_to_draft" or (turned and said.draft):
        kind, key, offered_at = Kind.DRAFTED, f"drafted:{said.head_sha}", None
    elif fact.action == "ready_for_review" or turned:
        kind, key = Kind.READY, f"ready:{said.head_sha}"
    else:
        return []
    return [
        Moment(
            pull=pull,
            key=key,
            kind=kind,
            at=said.updated_at,
            actor=fact.actor,
            sha=said.head_sha,
            offered_at=offered_at,
        )
    ]


def _closing(pull: Pull, fact: PullFact) -> list[Moment]:
    said = fact.pull
    actor = fact.actor if fact.action == "closed" else ""
    if said.merged_at:
        by = said.merged_by or actor
        told = Moment(key="merged", kind=Kind.MERGED, at=said.merged_at, actor=by, sha=said.merge_sha)
        told.text = said.base_ref
    elif said.state == "closed" and said.closed_at:
        key = f"closed:{said.closed_at.isoformat()}"
        told = Moment(key=key, kind=Kind.CLOSED, at=said.closed_at, actor=actor)
    else:
        return []
    told.pull = pull
    return [told]


def _reopening(
    pull: Pull, fact: PullFact, known: Iterable[Moment], *, changed: bool, offered_at: datetime | None
) -> list[Moment]:
    said = fact.pull
    if fact.action != "reopened" and not (changed and pull.state == "closed" and said.state == "open"):
        return []
    # Named after the closing that it undoes, which is the same for whoever tells us.
    closings = [m.at for m in known if m.kind == Kind.CLOSED and m.at <= said.updated_at]
    closing = max(closings).isoformat() if closings else "unseen"
    return [
        Moment(
            pull=pull,
            key=f"reopened:{closing}",
            kind=Kind.REOPENED,
            at=said.updated_at,
            actor=fact.actor,
            sha=said.head_sha,
            offered_at=offered_at,
        )
    ]


def _requests(pull: Pull, fact: PullFact, known: Iterable[Moment], *, newer: bool) -> list[Moment]:
    said = fact.pull
    asked = [fact.requested] if fact.requested else []
    if fact.action == "" and newer:
        # Our own question is answered with who is asked now, not since when: only the others are news.
        asked = [who for who in said.reviewers if who and not _is_asked(who, known)]
    return [
        Moment(
            pull=pull,
            key=f"requested:{who}:{said.head_sha}",
            kind=Kind.REVIEW_REQUESTED,
            at=said.updated_at,
            actor=fact.actor,
            text=who,
            sha=said.head_sha,
        )
        for who in asked
    ]


def _is_asked(who: str, known: Iterable[Moment]) -> bool:
    told = list(known)
    asked = [m.at for m in told if m.kind == Kind.REVIEW_REQUESTED and m.key.startswith(f"requested:{who}:")]
    reviewed = [m.at for m in told if m.kind in _REVIEWS and m.actor == who]
    return bool(asked) and (not reviewed or max(reviewed) < max(asked))
