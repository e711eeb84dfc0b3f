"""Pull requests that are nobody's submission, and whose they may be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce, Lower

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership, Role
from study.github.models import UNMATCHED, Outcome, PullRequest
from study.missions.models import Mission
from study.submissions.models import Submission


def unmatched(cohort_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return the cohort's pull requests that wait for an operator, newest first, as `_with_guess`."""
    waiting = PullRequest.objects.filter(cohort_id=cohort_id, unmatched__in=UNMATCHED, dismissed_at=None)
    page = page_of(waiting, order=("-opened_at", "-id"), cursor=cursor, size=size, read=_with_guess)
    return _with_missions(page, cohort_id)


def dismissed(cohort_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return pull requests that an operator said are no submission, the newest decision first."""
    dismissed = PullRequest.objects.filter(cohort_id=cohort_id, dismissed_at__isnull=False)
    page = page_of(dismissed, order=("-dismissed_at", "-id"), cursor=cursor, size=size, read=_with_guess)
    return _with_missions(page, cohort_id)


def _with_guess(pull_requests: QuerySet[PullRequest]) -> QuerySet[Any]:
    """Join the repository and the decided mission; annotate who may have opened it.

    `guess_id` is the membership whose second pull request it is, or who says that it is theirs; `guess` is
    its name; `first_number` is the pull request that is this member's submission already.
    """
    memberships = Membership.objects.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    claims = (
        Membership.objects.live()
        .filter(cohort_id=OuterRef("cohort_id"), role=Role.MEMBER)
        .filter(github_claim=Lower(OuterRef("author_login")))
        .exclude(github_claim="")
    )
    first = Submission.objects.filter(
        mission=OuterRef("decision__mission"), membership_id=OuterRef("member_id")
    )
    joined = pull_requests.select_related("repository", "decision__mission")
    return joined.annotate(
        guess_id=Coalesce(
            "member_id", "claimed_by_id", Subquery(claims.values("id")[:1]), output_field=UUIDField()
        ),
        guess=Subquery(memberships.filter(id=OuterRef("guess_id")).values("name")[:1]),
        first_number=Subquery(first.values("pull_request__number")[:1]),
    )


def _with_missions(page: Page[Any], cohort_id: UUID) -> Page[Any]:
    """Set `missions` of each row: those of its repository and of its pattern. Two queries."""
    accepting = Mission.objects.filter(cohort=cohort_id, accepts_pull_request=True)
    missions = accepting.prefetch_related("extra_repositories")
    by_repository = defaultdict(list)
    for mission in missions.order_by("opens_at", "title", "id") if page.rows else ():
        for id_ in (mission.github_repository_id, *(extra.id for extra in mission.extra_repositories.all())):
            by_repository[id_].append(mission)
    for row in page.rows:
        row.missions = by_repository[row.repository_id] + by_repository[row.repository.pattern_id]
    return page


def mission_of(pull_request: Any) -> Mission | None:
    """Return the decided mission, or else the only one of the repository. For a row with `missions`.

    None while an operator must decide: the only one may be for another team.
    """
    decision = getattr(pull_request, "decision", None)
    is_only = len(pull_request.missions) == 1 and pull_request.unmatched != Outcome.UNRESOLVED
    only: list[Mission] = pull_request.missions if is_only else []
    decided: Mission | None = decision.mission if decision else None
    return decided or next(iter(only), None)


def pull_requests_of_mission(mission_id: UUID) -> QuerySet[PullRequest]:
    """Return the pull requests that are for the mission: the setting MISSION_PULL_REQUESTS."""
    is_decided, is_submitted = Q(decision__mission=mission_id), Q(submission__mission=mission_id)
    return PullRequest.objects.filter(is_decided | is_submitted)


def missions_to_choose(pull_request: PullRequest) -> QuerySet[Mission]:
    """Return the missions that it may be for."""
    return Mission.objects.of_repository(pull_request.repository_id)


def member_choices(cohort_id: UUID) -> QuerySet[Any]:
    """Return the cohort's members by `name`. One statement."""
    memberships = Membership.objects.live().filter(cohort_id=cohort_id, role=Role.MEMBER)
    named = memberships.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    return named.order_by("name", "joined_at", "id")


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


def preview_match(
    pull_request: PullRequest, membership: Membership, mission_id: UUID | None = None
) -> MatchPreview:
    """Return what would follow from matching them. Three statements.

    `replaces` is known with `mission_id`, or for a repository with one mission.
    """
    mirror = AccountMirror.objects.filter(account_id=membership.account_id).first()
    missions = Mission.objects.of_repository(pull_request.repository_id).values_list("id", flat=True)
    chosen = [mission_id] if mission_id else list(missions[:2])
    # Of several missions, the rules decide later.
    first = Submission.objects.filter(mission__in=chosen if len(chosen) == 1 else [], membership=membership)
    known = membership.github_id or (mirror.github_id if mirror else None)
    memberships = Membership.objects.live().filter(cohort_id=pull_request.cohort_id)
    is_taken = memberships.with_github_account(pull_request.author_id).exists()
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
