"""Pull requests that are nobody's submission, and whose they may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership, Role
from study.github.models import PullRequest
from study.submissions.models import UNMATCHED, Submission


@dataclass(frozen=True)
class PullRequestRow:
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


def unmatched(cohort_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[PullRequestRow]:
    """Pull requests of the cohort's missions that wait for an operator, newest first. One statement."""
    waiting = PullRequest.objects.filter(cohort_id=cohort_id, unmatched__in=UNMATCHED, dismissed_at=None)
    return _list_pull_requests(waiting, order=("-opened_at", "-id"), cursor=cursor, size=size)


def dismissed(cohort_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[PullRequestRow]:
    """Pull requests that an operator said are no submission, the newest decision first. One statement."""
    dismissed = PullRequest.objects.filter(cohort_id=cohort_id, dismissed_at__isnull=False)
    return _list_pull_requests(dismissed, order=("-dismissed_at", "-id"), cursor=cursor, size=size)


def _list_pull_requests(
    chosen: QuerySet[PullRequest], *, order: Sequence[str], cursor: str | None, size: int
) -> Page[PullRequestRow]:
    claims = Membership.objects.live().filter(
        cohort_id=OuterRef("cohort_id"), role=Role.MEMBER, github_claim=Lower(OuterRef("author_login"))
    )
    claims = claims.exclude(github_claim="")
    first = Submission.objects.filter(
        mission__github_repository=OuterRef("repository_id"), membership_id=OuterRef("member_id")
    )
    rows = chosen.select_related("repository__mission", "member", "claimed_by").annotate(
        claim_id=Subquery(claims.values("id")[:1]),
        member_name=AccountMirror.objects.name_of(OuterRef("member__account_id")),
        pasted_name=AccountMirror.objects.name_of(OuterRef("claimed_by__account_id")),
        claim_name=Subquery(
            claims.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id"))).values("name")[:1]
        ),
        first_number=Subquery(first.values("pull_request__number")[:1]),
    )
    page = page_of(rows, order=order, cursor=cursor, size=size)
    return Page([_pull_request_row(pull_request) for pull_request in page.rows], page.next)


def _pull_request_row(pull_request: Any) -> PullRequestRow:
    guesses = [
        (pull_request.member_id, pull_request.member_name),
        (pull_request.claimed_by_id, pull_request.pasted_name),
        (pull_request.claim_id, pull_request.claim_name),
    ]
    guess_id, guess = next((guess for guess in guesses if guess[0]), (None, None))
    return PullRequestRow(
        id=pull_request.id,
        mission_id=pull_request.repository.mission.id,
        mission_title=pull_request.repository.mission.title,
        repository=pull_request.repository.name,
        number=pull_request.number,
        title=pull_request.title,
        url=pull_request.url,
        author_login=pull_request.author_login,
        state=pull_request.state,
        draft=pull_request.draft,
        opened_at=pull_request.opened_at,
        reason=pull_request.unmatched,
        dismissed_at=pull_request.dismissed_at,
        guess_id=guess_id,
        guess=guess,
        first_number=pull_request.first_number,
    )


@dataclass(frozen=True)
class MemberChoice:
    """A member to choose from."""

    membership_id: UUID
    name: str | None


def member_choices(cohort_id: UUID) -> list[MemberChoice]:
    """The cohort's members by name. One statement."""
    memberships = Membership.objects.live().filter(cohort_id=cohort_id, role=Role.MEMBER)
    named = memberships.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    rows = named.order_by("name", "joined_at", "id").values_list("id", "name")
    return [MemberChoice(membership_id, name) for membership_id, name in rows]


@dataclass(frozen=True)
class MatchPreview:
    """What it means to match a pull request with a member, to be said before it is done."""

    name: str | None
    # Whether the author's GitHub account is the member's from then on.
    learns: bool
    # Whether the member is known to have another GitHub account.
    is_anothers: bool
    # The number of the pull request that stops being their submission.
    replaces: int | None


def preview_match(pull_request: PullRequest, membership: Membership) -> MatchPreview:
    """What would follow from matching them. Three statements."""
    mirror = AccountMirror.objects.filter(account_id=membership.account_id).first()
    first = Submission.objects.filter(
        mission__github_repository=pull_request.repository_id, membership=membership
    )
    known = membership.github_id or (mirror.github_id if mirror else None)
    linked = AccountMirror.objects.filter(github_id=pull_request.author_id).values("account_id")
    is_them = Q(github_id=pull_request.author_id) | Q(account_id__in=linked)
    is_taken = Membership.objects.live().filter(is_them, cohort_id=pull_request.cohort_id).exists()
    return MatchPreview(
        name=mirror.name if mirror else None,
        learns=bool(pull_request.author_id) and known is None and not is_taken,
        is_anothers=bool(pull_request.author_id)
        and known != pull_request.author_id
        and (known is not None or is_taken),
        replaces=first.exclude(pull_request=pull_request)
        .values_list("pull_request__number", flat=True)
        .first(),
    )
