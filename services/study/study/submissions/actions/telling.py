"""From what GitHub said of a pull request to the lines of its story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from study.submissions.github import PullFact
from study.submissions.models import Kind, Moment, Pull, Sighting

_REVIEWS = {Kind.APPROVED, Kind.CHANGES_REQUESTED, Kind.COMMENTED}
# Deliveries that tell of a head's own time: what else shows a head only proves that it is there.
_OFFERS = {"opened", "synchronize", "ready_for_review", "reopened"}


class Age(Enum):
    """How a fact stands to the newest that we know. GitHub counts in seconds, so ties are common."""

    OLDER = "older"
    SAME_SECOND = "same_second"
    NEWER = "newer"


def age_of(*, pull: Pull, fact: PullFact, is_new: bool) -> Age:
    """Return how the fact stands to what the row has. The answer to our own question is the present."""
    said, known = fact.pull.updated_at, pull.github_updated_at
    if is_new or said > known or (said == known and fact.action == ""):
        return Age.NEWER
    return Age.SAME_SECOND if said == known else Age.OLDER


def tell(*, pull: Pull, fact: PullFact, is_new: bool, age: Age, at: datetime) -> bool:
    """Write the moments of this fact that are not there yet, and what it corrects. True if there were any.

    A delivery that reports its own event counts with GitHub's time, whenever it comes; a head that another
    fact shows counts from when we saw it. To be called with the pull request's row locked, before it takes
    over the fact's state.
    """
    known = list(Moment.objects.filter(pull=pull).defer("text"))
    by_key = {moment.key: moment for moment in known}
    facts = {(moment.kind, moment.at, moment.sha) for moment in known}
    newer = age == Age.NEWER
    told = [
        *_opening(pull, fact),
        *_push(pull, fact, is_new=is_new, newer=newer, at=at),
        *_readiness(pull, fact, changed=newer and not is_new),
        *_closing(pull, fact),
        *_reopening(pull, fact, known, changed=newer and not is_new),
        *_requests(pull, fact, known, newer=newer),
    ]
    new = [m for m in told if m.key not in by_key and (m.kind, m.at, m.sha) not in facts]
    Moment.objects.bulk_create(new)
    for moment in told:
        if again := by_key.get(moment.key):
            _correct(again, moment, fact)
    if fact.action == "reopened":
        # Its head came with it: what had looked like a push was none.
        Moment.objects.filter(pull=pull, key=f"push:{fact.pull.head_sha}", actor="", offered_at=None).delete()
    if newer and _shows_head(pull, fact) and not _is_dated(fact.pull.head_sha, known):
        Sighting.objects.get_or_create(pull=pull, sha=fact.pull.head_sha, defaults={"seen_at": at})
    return bool(new)


def _shows_head(pull: Pull, fact: PullFact) -> bool:
    """Whether it shows a head that is before the mentors, and does not say since when."""
    return fact.action not in _OFFERS and fact.pull.state != "closed" and not _is_draft(pull, fact)


def _is_dated(sha: str, known: Iterable[Moment]) -> bool:
    return any(moment.sha == sha and moment.offered_by_github for moment in known)


def _correct(known: Moment, told: Moment, fact: PullFact) -> None:
    """Let the event's own delivery, and of several the earliest, decide; keep what only one of them says."""
    is_opening = told.key == "opened" and fact.action == "opened"
    is_push = told.kind == Kind.COMMITS_PUSHED and fact.action == "synchronize" and not known.actor
    now = {name: getattr(told, name) for name in ("actor", "before_sha") if not getattr(known, name)}
    if is_opening:
        now |= {"kind": told.kind, "sha": told.sha}
    if is_opening or is_push or told.at < known.at:
        now |= {"at": told.at, "actor": told.actor or known.actor}
        if told.before_sha and told.before_sha != known.before_sha:
            now |= {"before_sha": told.before_sha, "compare_at": told.compare_at}
    offered_at = known.offered_at if known.offered_by_github else None
    if told.offered_at and (offered_at is None or told.offered_at < offered_at):
        now |= {"offered_at": told.offered_at, "offered_by_github": True}
    changed = [name for name, value in now.items() if getattr(known, name) != value]
    for name in changed:
        setattr(known, name, now[name])
    if changed:
        known.save(update_fields=changed)


def _is_draft(pull: Pull, fact: PullFact) -> bool:
    return pull.draft if fact.pull.draft is None else fact.pull.draft


def _offered(pull: Pull, fact: PullFact, offered_at: datetime) -> dict[str, object]:
    """GitHub's time of putting the head before the mentors; nothing for a draft, or once it is closed."""
    if fact.pull.state == "closed" or _is_draft(pull, fact):
        return {}
    return {"offered_at": offered_at, "offered_by_github": True}


def _opening(pull: Pull, fact: PullFact) -> list[Moment]:
    said = fact.pull
    was_draft = said.draft is True or fact.action == "ready_for_review"
    return [
        Moment(
            pull=pull,
            key="opened",
            kind=Kind.DRAFT_OPENED if was_draft else Kind.OPENED,
            at=said.opened_at,
            actor=said.author.login,
            sha=fact.before if fact.action == "synchronize" else said.head_sha,
            # Only the opening's own delivery says which head it was.
            **(_offered(pull, fact, said.opened_at) if fact.action == "opened" else {}),
        )
    ]


def _push(pull: Pull, fact: PullFact, *, is_new: bool, newer: bool, at: datetime) -> list[Moment]:
    said = fact.pull
    is_own = fact.action == "synchronize"
    # A closed pull request does not follow its branch until it is reopened, which tells of the head itself.
    noticed = newer and not is_new and said.head_sha != pull.head_sha and fact.action != "reopened"
    if not is_own and not noticed:
        return []
    before = fact.before or ("" if is_new else pull.head_sha)
    return [
        Moment(
            pull=pull,
            key=f"push:{said.head_sha}",
            kind=Kind.COMMITS_PUSHED,
            at=said.updated_at,
            actor=fact.actor if is_own else "",
            sha=said.head_sha,
            before_sha=before,
            compare_at=at if before and before != said.head_sha else None,
            **(_offered(pull, fact, said.updated_at) if is_own else {}),
        )
    ]


def _readiness(pull: Pull, fact: PullFact, *, changed: bool) -> list[Moment]:
    said = fact.pull
    # Only our own question notices it: where GitHub delivers, it delivers the event itself.
    noticed = fact.action == "" and changed and said.draft is not None and said.draft != pull.draft
    if fact.action == "converted_to_draft" or (noticed and said.draft):
        kind, key = Kind.DRAFTED, f"drafted:{said.head_sha}"
    elif fact.action == "ready_for_review" or noticed:
        kind, key = Kind.READY, f"ready:{said.head_sha}"
    else:
        return []
    is_own = fact.action == "ready_for_review"
    return [
        Moment(
            pull=pull,
            key=key,
            kind=kind,
            at=said.updated_at,
            actor=fact.actor,
            sha=said.head_sha,
            **(_offered(pull, fact, said.updated_at) if is_own else {}),
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


def _reopening(pull: Pull, fact: PullFact, known: Iterable[Moment], *, changed: bool) -> list[Moment]:
    said = fact.pull
    noticed = fact.action == "" and changed and pull.state == "closed" and said.state == "open"
    if fact.action != "reopened" and not noticed:
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
            **({} if noticed else _offered(pull, fact, said.updated_at)),
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
