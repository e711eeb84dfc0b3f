"""Pull requests that are nobody's submission, and whose they may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership, Role
from study.mirrors.models import AccountMirror
from study.submissions.models import UNMATCHED, Pull, Submission


@dataclass(frozen=True)
class PullRow:
    """A pull request that is nobody's submission, why, and who may have opened it."""

    id: UUID
    mission_id: UUID
    mission_title: str
    repository: str
    number: int
    title: str
    url: str
    author_login: str
    state: str
    draft: bool
    opened_at: datetime
    # One of UNMATCHED; "" once dismissed.
    reason: str
    dismissed_at: datetime | None
    # The member who says it is theirs, or whose second pull request it is.
    guess_id: UUID | None
    guess: str | None
    # The number of the pull request that is this member's submission already.
    first_number: int | None


def unmatched(cohort_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[PullRow]:
    """Pull requests of the cohort's missions that wait for an operator, newest first. One statement."""
    waiting = Pull.objects.filter(cohort_id=cohort_id, unmatched__in=UNMATCHED, dismissed_at=None)
    return _pulls(waiting, order=("-opened_at", "-id"), cursor=cursor, size=size)


def dismissed(cohort_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[PullRow]:
    """Pull requests that an operator said are no submission, the newest decision first. One statement."""
    aside = Pull.objects.filter(cohort_id=cohort_id, dismissed_at__isnull=False)
    return _pulls(aside, order=("-dismissed_at", "-id"), cursor=cursor, size=size)


def _pulls(chosen: QuerySet[Pull], *, order: Sequence[str], cursor: str | None, size: int) -> Page[PullRow]:
    claims = Membership.objects.live().filter(
        cohort_id=OuterRef("cohort_id"), role=Role.MEMBER, github_claim=Lower(OuterRef("author_login"))
    )
    claims = claims.exclude(github_claim="")
    first = Submission.objects.filter(mission_id=OuterRef("mission_id"), membership_id=OuterRef("owner_id"))
    rows = chosen.select_related("mission", "owner", "claimed_by").annotate(
        claim_id=Subquery(claims.values("id")[:1]),
        owner_name=AccountMirror.objects.name_of(OuterRef("owner__account_id")),
        pasted_name=AccountMirror.objects.name_of(OuterRef("claimed_by__account_id")),
        claim_name=Subquery(
            claims.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id"))).values("name")[:1]
        ),
        first_number=Subquery(first.values("pull__number")[:1]),
    )
    page = page_of(rows, order=order, cursor=cursor, size=size)
    return Page([_pull_row(pull) for pull in page.rows], page.next)


def _pull_row(pull: Any) -> PullRow:
    guesses = [
        (pull.owner_id, pull.owner_name),
        (pull.claimed_by_id, pull.pasted_name),
        (pull.claim_id, pull.claim_name),
    ]
    guess_id, guess = next((guess for guess in guesses if guess[0]), (None, None))
    return PullRow(
        id=pull.id,
        mission_id=pull.mission_id,
        mission_title=pull.mission.title,
        repository=pull.mission.repository,
        number=pull.number,
        title=pull.title,
        url=pull.url,
        author_login=pull.author_login,
        state=pull.state,
        draft=pull.draft,
        opened_at=pull.opened_at,
        reason=pull.unmatched,
        dismissed_at=pull.dismissed_at,
        guess_id=guess_id,
        guess=guess,
        first_number=pull.first_number,
    )


@dataclass(frozen=True)
class MemberChoice:
    """A member to choose from."""

    membership_id: UUID
    name: str | None


def members(cohort_id: UUID) -> list[MemberChoice]:
    """The cohort's members by name. One statement."""
    memberships = Membership.objects.live().filter(cohort_id=cohort_id, role=Role.MEMBER)
    named = memberships.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    rows = named.order_by("name", "joined_at", "id").values_list("id", "name")
    return [MemberChoice(membership_id, name) for membership_id, name in rows]


@dataclass(frozen=True)
class Matching:
    """What it means to match a pull request with a member, to be said before it is done."""

    name: str | None
    # Whether the author's GitHub account is the member's from then on.
    learns: bool
    # Whether the member is known to have another GitHub account.
    is_anothers: bool
    # The number of the pull request that stops being their submission.
    replaces: int | None


def matching(pull: Pull, membership: Membership) -> Matching:
    """What would follow from matching them. Three statements."""
    mirror = AccountMirror.objects.filter(account_id=membership.account_id).first()
    first = Submission.objects.filter(mission_id=pull.mission_id, membership=membership)
    known = membership.github_id or (mirror.github_id if mirror else None)
    linked = AccountMirror.objects.filter(github_id=pull.author_id).values("account_id")
    is_them = Q(github_id=pull.author_id) | Q(account_id__in=linked)
    is_taken = Membership.objects.live().filter(is_them, cohort_id=pull.cohort_id).exists()
    return Matching(
        name=mirror.name if mirror else None,
        learns=bool(pull.author_id) and known is None and not is_taken,
        is_anothers=bool(pull.author_id) and known != pull.author_id and (known is not None or is_taken),
        replaces=first.exclude(pull=pull).values_list("pull__number", flat=True).first(),
    )
