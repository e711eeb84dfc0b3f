"""Read models of members and invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import Page, page_of
from study.cohorts.models import AuditEntry, AuditKind, Cohort, Membership, Part, Role
from study.cohorts.queries import parts_of
from study.memberships.models import Invitation
from study.memberships.rules import InvitationState, asks_for_part, state_of

# The form lists at most this many; links serve the rest.
MAX_KNOWN_PEOPLE = 500


class GitHubStatus(StrEnum):
    """How a member's GitHub account is known, most certain first."""

    PINNED = "pinned"
    LINKED = "linked"
    AWAITED = "awaited"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class MemberRow:
    """A membership with its GitHub account, as far as the reader may see it.

    The membership is annotated with `name`: None if the account is not mirrored yet, "" if it is closed.
    """

    membership: Any  # a Membership
    github: GitHubStatus
    github_login: str
    # Claimed by the member; visible to operators and the member.
    github_claim: str


@dataclass(frozen=True)
class Group:
    """A part with its number of members; id and name are None for members without a part."""

    id: UUID | None
    name: str | None
    people: int


@dataclass(frozen=True)
class InvitationRow:
    """An invitation, read `with_names`, and its state."""

    invitation: Invitation
    state: InvitationState

    @classmethod
    def of(cls, invitation: Invitation, at: datetime) -> InvitationRow:
        """Return the row with the state at `at`."""
        return cls(invitation, state_of(invitation, at))


def owner_of_pull_request(cohort_id: UUID, *, github_id: int, login: str) -> Membership | None:
    """Return the member who owns this GitHub account, or None.

    GitHub's immutable id (pinned, then linked) takes precedence over a login set by an operator, which is
    used only while no id is known. A member's own claim is never used.
    """
    linked = AccountMirror.objects.filter(github_id=github_id).values("account_id")
    has_linked = AccountMirror.objects.filter(account_id=OuterRef("account_id"), github_id__isnull=False)
    pinned, by_link = Q(github_id=github_id), Q(github_id=None, account_id__in=linked)
    by_word = Q(github_id=None, github_login=login.lower()) & ~Exists(has_linked) if login else Q(pk=None)
    return (
        Membership.objects.live()
        .filter(pinned | by_link | by_word, cohort_id=cohort_id, role=Role.MEMBER)
        .annotate(rank=Case(When(pinned, then=Value(0)), When(by_link, then=Value(1)), default=Value(2)))
        .order_by("rank", "joined_at", "id")
        .first()
    )


def members(
    membership: Membership,
    *,
    part_id: UUID | None = None,
    role: str = "",
    search: str = "",
    cursor: str | None = None,
    size: int = 50,
) -> Page[MemberRow]:
    """Return the members of the cohort by name, as this membership may see them.

    `search` matches substrings of names and GitHub logins.
    """
    memberships = (
        _memberships().filter(cohort_id=membership.cohort_id).annotate(sort_name=Coalesce("name", Value("")))
    )
    if part_id is not None:
        memberships = memberships.filter(part_id=part_id)
    if role:
        memberships = memberships.filter(role=role)
    if search:
        # MySQL's comparison is case-sensitive, so both sides are lowered; logins are stored in lower case.
        wanted = search.lower()
        memberships = memberships.annotate(sort_name_lower=Lower("sort_name")).filter(
            Q(sort_name_lower__contains=wanted)
            | Q(github_login__contains=wanted)
            | Q(linked_login__contains=wanted)
        )
    page = page_of(memberships, order=("sort_name", "id"), cursor=cursor, size=size)
    return Page([_row(row, seen_by=membership) for row in page.rows], page.next)


def member(membership: Membership, *, seen_by: Membership) -> MemberRow:
    """Return one member."""
    return _row(_memberships().get(id=membership.id), seen_by=seen_by)


def groups(cohort: Cohort) -> list[Group]:
    """Count the members of each non-empty part, and those without a part."""
    counted = (
        Membership.objects.live()
        .filter(cohort=cohort)
        .values_list("part_id", "part__name", "part__position")
        .annotate(people=Count("id"))
        .order_by("part__position")
    )
    return [Group(part_id, name, people) for part_id, name, _position, people in counted]


def invitations(
    cohort: Cohort, *, at: datetime, is_open: bool | None = None, cursor: str | None = None, size: int = 25
) -> Page[InvitationRow]:
    """Return the cohort's invitations, the newest first. `is_open` filters those that can be used or not."""
    rows = Invitation.objects.with_names().filter(cohort=cohort)
    if is_open is not None:
        rows = rows.open(at) if is_open else rows.past(at)
    page = page_of(rows, order=("-created_at", "-id"), cursor=cursor, size=size)
    return Page([InvitationRow.of(row, at) for row in page.rows], page.next)


def known_people(account_id: UUID, *, cohort: Cohort) -> list[tuple[UUID, str]]:
    """Return people of the operator's other cohorts who are not in this one, by name.

    At most MAX_KNOWN_PEOPLE.
    """
    run = Membership.objects.live().filter(account_id=account_id, role=Role.OPERATOR).exclude(cohort=cohort)
    here = Membership.objects.live().filter(cohort=cohort)
    memberships = Membership.objects.filter(cohort_id__in=run.values("cohort_id"))
    known = AccountMirror.objects.filter(closed=False, account_id__in=memberships.values("account_id"))
    rows = known.exclude(account_id__in=here.values("account_id")).order_by("name", "account_id")
    return list(rows.values_list("account_id", "name")[:MAX_KNOWN_PEOPLE])


def is_in_cohort(cohort: Cohort, account_id: UUID) -> bool:
    """Return True if the account has a live membership."""
    return Membership.objects.live().filter(cohort=cohort, account_id=account_id).exists()


def parts_to_choose(invitation: Invitation) -> list[Part]:
    """Return the parts to choose from when joining; empty if the invitation sets it."""
    return parts_of(invitation.cohort) if asks_for_part(invitation) else []


def every_cohort(*, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return all cohorts, those without an operator first, then the newest.

    Annotated with the number of `people` and of `operators`, whose accounts are open.
    """
    present = Membership.objects.live().with_open_account().filter(cohort=OuterRef("id"))
    operators = present.filter(role=Role.OPERATOR)
    rows = Cohort.objects.annotate(
        has_operator=Exists(operators), people=_count(present), operators=_count(operators)
    )
    return page_of(rows, order=("has_operator", "-opened_at", "-id"), cursor=cursor, size=size)


def candidates(cohort: Cohort, *, owner_id: UUID) -> list[tuple[UUID, str | None]]:
    """Return who can be appointed: members who are not operators, and the owner."""
    here = Membership.objects.live().with_open_account().filter(cohort=cohort)
    named = here.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    people = list(named.order_by("name", "id").values_list("account_id", "name", "role"))
    found = [(account_id, name) for account_id, name, role in people if role != Role.OPERATOR]
    if owner_id not in {account_id for account_id, _name, _role in people}:
        found.append((owner_id, AccountMirror.objects.names([owner_id]).get(owner_id)))
    return found


def appointments(cohort: Cohort) -> QuerySet[Any]:
    """Return the cohort's appointments of operators, the newest first.

    Annotated with the names of the `owner` of the installation and the `operator`.
    """
    entries = AuditEntry.objects.filter(cohort=cohort, kind=AuditKind.OPERATOR_APPOINTED)
    return entries.annotate(
        owner=AccountMirror.objects.name_of(OuterRef("actor_id")),
        operator=AccountMirror.objects.name_of(OuterRef("subject_id")),
    ).order_by("-at", "-id")


def _count(rows: QuerySet[Membership]) -> Coalesce:
    per_cohort = rows.order_by().values("cohort")
    return Coalesce(Subquery(per_cohort.annotate(n=Count("id")).values("n")), 0)


def _memberships() -> QuerySet[Any]:
    mirror = AccountMirror.objects.filter(account_id=OuterRef("account_id"))
    return (
        Membership.objects.live()
        .select_related("part", "team")
        .annotate(
            name=AccountMirror.objects.name_of(OuterRef("account_id")),
            linked_id=Subquery(mirror.values("github_id")[:1]),
            linked_login=Subquery(mirror.values("github_login")[:1]),
        )
    )


def _row(membership: Any, *, seen_by: Membership) -> MemberRow:
    may_see_claim = seen_by.role == Role.OPERATOR or seen_by.id == membership.id
    if membership.github_id is not None:
        github, login = GitHubStatus.PINNED, membership.github_login
    elif membership.linked_id is not None:
        github, login = GitHubStatus.LINKED, membership.linked_login
    elif membership.github_login:
        github, login = GitHubStatus.AWAITED, membership.github_login
    elif membership.github_claim and may_see_claim:
        github, login = GitHubStatus.CLAIMED, ""
    else:
        github, login = GitHubStatus.UNKNOWN, ""
    claim = membership.github_claim if may_see_claim else ""
    return MemberRow(membership, github=github, github_login=login, github_claim=claim)
