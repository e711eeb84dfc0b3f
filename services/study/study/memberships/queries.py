"""Read models of members and invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from chassis.web.pagination import Page, page_of
from study.cohorts.models import AuditEntry, AuditKind, Cohort, Membership, Part, Role, Team
from study.memberships.models import Invitation
from study.memberships.rules import InvitationState, asks_for_part, state_of
from study.mirrors.models import AccountMirror

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
    """A member. `name` is None if the account is not mirrored yet, "" if it is closed."""

    id: UUID
    account_id: UUID
    name: str | None
    role: str
    role_label: str
    part_id: UUID | None
    part: str | None
    team_id: UUID | None
    team: str | None
    joined_at: datetime
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
    """An invitation as operators see it. `invited` is the name of the only account it is for, if any."""

    id: UUID
    path: str
    role: str
    role_label: str
    part: str | None
    state: InvitationState
    expires_at: datetime
    uses: int
    max_uses: int
    addressed: bool
    invited: str | None
    made_by: str | None
    created_at: datetime


def owner_of_pull_request(cohort_id: UUID, *, github_id: int, login: str) -> Membership | None:
    """Return the member who owns this GitHub account, or None. One query.

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
    """Return the members of the cohort by name, as this membership may see them. One query.

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
    """Return one member. One query."""
    return _row(_memberships().get(id=membership.id), seen_by=seen_by)


def groups(cohort: Cohort) -> list[Group]:
    """Count the members of each non-empty part, and those without a part. One query."""
    counted = (
        Membership.objects.live()
        .filter(cohort=cohort)
        .values_list("part_id", "part__name", "part__position")
        .annotate(people=Count("id"))
        .order_by("part__position")
    )
    return [Group(part_id, name, people) for part_id, name, _position, people in counted]


def choices(cohort: Cohort) -> tuple[list[tuple[UUID, str]], list[tuple[UUID, str]]]:
    """Return the cohort's parts and teams as (id, name) choices. One query."""
    parts = Part.objects.filter(cohort=cohort).values_list("id", "name", "position")
    # Positions of parts start at 1; 0 marks a team.
    teams = (
        Team.objects.filter(cohort=cohort).annotate(position=Value(0)).values_list("id", "name", "position")
    )
    rows = list(parts.union(teams, all=True).order_by("position", "name"))
    return [row[:2] for row in rows if row[2]], [row[:2] for row in rows if not row[2]]


def invitations(
    cohort: Cohort, *, at: datetime, is_open: bool | None = None, cursor: str | None = None, size: int = 25
) -> Page[InvitationRow]:
    """Return the cohort's invitations with their state at `at`, the newest first. One query.

    `is_open` filters those that can or cannot be used.
    """
    rows = (
        Invitation.objects.filter(cohort=cohort)
        .select_related("part")
        .annotate(
            invited=AccountMirror.objects.name_of(OuterRef("for_account_id")),
            made_by=AccountMirror.objects.name_of(OuterRef("created_by")),
        )
    )
    if is_open is not None:
        rows = rows.open(at) if is_open else rows.past(at)
    page = page_of(rows, order=("-created_at", "-id"), cursor=cursor, size=size)
    return Page([_invitation_row(row, at) for row in page.rows], page.next)


def invitation(invitation: Any, *, at: datetime) -> InvitationRow:
    """Return one invitation. One query."""
    names = AccountMirror.objects.names({invitation.created_by, invitation.for_account_id} - {None})
    invitation.invited = names.get(invitation.for_account_id)
    invitation.made_by = names.get(invitation.created_by)
    return _invitation_row(invitation, at)


def known_people(account_id: UUID, *, cohort: Cohort) -> list[tuple[UUID, str]]:
    """Return people of the operator's other cohorts who are not in this one, by name.

    At most MAX_KNOWN_PEOPLE. One query.
    """
    run = Membership.objects.live().filter(account_id=account_id, role=Role.OPERATOR).exclude(cohort=cohort)
    here = Membership.objects.live().filter(cohort=cohort)
    memberships = Membership.objects.filter(cohort_id__in=run.values("cohort_id"))
    known = AccountMirror.objects.filter(closed=False, account_id__in=memberships.values("account_id"))
    rows = known.exclude(account_id__in=here.values("account_id")).order_by("name", "account_id")
    return list(rows.values_list("account_id", "name")[:MAX_KNOWN_PEOPLE])


@dataclass(frozen=True)
class InvitationPreview:
    """What the page of an invitation link shows."""

    cohort_id: UUID
    cohort_title: str
    role: str
    role_label: str
    part: str | None
    inviter: str | None
    state: InvitationState
    expires_at: datetime
    already_in: bool
    # The reader's membership ended after the link was created.
    left_since: bool


def invitation_preview(invitation: Invitation, *, account_id: UUID | None, at: datetime) -> InvitationPreview:
    """Return the preview of an invitation for the account, which may be None. One query."""
    memberships = Membership.objects.filter(cohort_id=invitation.cohort_id)
    theirs = memberships.filter(account_id=account_id) if account_id else memberships.none()
    found = Invitation.objects.filter(id=invitation.id).annotate(
        inviter=AccountMirror.objects.name_of(OuterRef("created_by")),
        already_in=Exists(theirs.live()),
        left_since=Exists(theirs.filter(left_at__gt=invitation.created_at)),
    )
    name, is_in, has_left = found.values_list("inviter", "already_in", "left_since").get()
    return InvitationPreview(
        cohort_id=invitation.cohort_id,
        cohort_title=invitation.cohort.title,
        role=invitation.role,
        role_label=invitation.get_role_display(),
        part=invitation.part.name if invitation.part else None,
        inviter=name,
        state=state_of(invitation, at),
        expires_at=invitation.expires_at,
        already_in=bool(is_in),
        left_since=bool(has_left),
    )


def parts_to_choose(invitation: Invitation) -> list[tuple[UUID, str]]:
    """Return the parts to choose from when joining; empty if the invitation sets it. At most one query."""
    return parts_of(invitation.cohort) if asks_for_part(invitation) else []


def parts_of(cohort: Cohort) -> list[tuple[UUID, str]]:
    """Return the cohort's parts by position as (id, name). One query."""
    return list(cohort.parts.order_by("position", "id").values_list("id", "name"))


@dataclass(frozen=True)
class InstallationCohort:
    """A cohort as owners of the installation see it. `operators` counts open accounts only."""

    id: UUID
    title: str
    opened_at: datetime
    closed_at: datetime | None
    people: int
    operators: int


def every_cohort(*, cursor: str | None = None, size: int = 25) -> Page[InstallationCohort]:
    """Return all cohorts, those without an operator first, then the newest. One query."""
    present = Membership.objects.live().with_open_account().filter(cohort=OuterRef("id"))
    rows: QuerySet[Any] = Cohort.objects.annotate(
        people=_count(present), operators=_count(present.filter(role=Role.OPERATOR))
    ).annotate(has_operator=Case(When(operators=0, then=Value(0)), default=Value(1)))
    page = page_of(rows, order=("has_operator", "-opened_at", "-id"), cursor=cursor, size=size)
    return Page(
        [
            InstallationCohort(row.id, row.title, row.opened_at, row.closed_at, row.people, row.operators)
            for row in page.rows
        ],
        page.next,
    )


def candidates(cohort: Cohort, *, owner_id: UUID) -> list[tuple[UUID, str | None]]:
    """Return who can be appointed: members who are not operators, and the owner. Two queries."""
    here = Membership.objects.live().with_open_account().filter(cohort=cohort)
    named = here.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    people = list(named.order_by("name", "id").values_list("account_id", "name", "role"))
    found = [(account_id, name) for account_id, name, role in people if role != Role.OPERATOR]
    if owner_id not in {account_id for account_id, _name, _role in people}:
        found.append((owner_id, AccountMirror.objects.names([owner_id]).get(owner_id)))
    return found


@dataclass(frozen=True)
class Appointment:
    """An appointment of an operator by an owner of the installation."""

    owner: str | None
    operator: str | None
    at: datetime


def appointments(cohort: Cohort) -> list[Appointment]:
    """Return the cohort's appointments, the newest first. One query."""
    entries = AuditEntry.objects.filter(cohort=cohort, kind=AuditKind.OPERATOR_APPOINTED)
    named = entries.annotate(
        owner=AccountMirror.objects.name_of(OuterRef("actor_id")),
        operator=AccountMirror.objects.name_of(OuterRef("subject_id")),
    )
    rows = named.order_by("-at", "-id").values_list("owner", "operator", "at")
    return [Appointment(*row) for row in rows]


def _count(rows: QuerySet[Membership]) -> Coalesce:
    per_cohort = rows.order_by().values("cohort")
    return Coalesce(Subquery(per_cohort.annotate(n=Count("id")).values("n")), 0)


def _memberships() -> QuerySet[Membership]:
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
    return MemberRow(
        id=membership.id,
        account_id=membership.account_id,
        name=membership.name,
        role=membership.role,
        role_label=membership.get_role_display(),
        part_id=membership.part_id,
        part=membership.part.name if membership.part else None,
        team_id=membership.team_id,
        team=membership.team.name if membership.team else None,
        joined_at=membership.joined_at,
        github=github,
        github_login=login,
        github_claim=membership.github_claim if may_see_claim else "",
    )


def _invitation_row(invitation: Any, at: datetime) -> InvitationRow:
    return InvitationRow(
        id=invitation.id,
        path=invitation.path,
        role=invitation.role,
        role_label=invitation.get_role_display(),
        part=invitation.part.name if invitation.part else None,
        state=state_of(invitation, at),
        expires_at=invitation.expires_at,
        uses=invitation.uses,
        max_uses=invitation.max_uses,
        addressed=invitation.for_account_id is not None,
        invited=invitation.invited,
        made_by=invitation.made_by,
        created_at=invitation.created_at,
    )
