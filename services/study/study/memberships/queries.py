"""Read models of members and invitations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce, Lower

from chassis.account_mirror.models import AccountMirror
from chassis.compiled import compiled
from chassis.web.pagination import Page, page_of
from study.cohorts.models import AuditEntry, AuditKind, Cohort, Membership, Part, Role
from study.cohorts.queries import parts_of
from study.memberships.models import (
    Consent,
    Invitation,
    InvitationState,
    Invitee,
    JoinRequest,
    MembershipUpdate,
)
from study.memberships.rules import CONSENT_VERSION, hash_key

# The form lists at most this many; links serve the rest.
MAX_KNOWN_PEOPLE = 500


class GitHubStatus(TextChoices):
    """How a member's GitHub account is known, most certain first."""

    PINNED = "pinned"
    LINKED = "linked"
    AWAITED = "awaited"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"


def owner_of_pull_request(cohort_id: UUID, *, github_id: int, login: str) -> Membership | None:
    """Return the member who owns this GitHub account, or None.

    GitHub's immutable id (pinned, then linked) takes precedence over a login set by an operator, which is
    used only while no id is known. A member's own claim is never used.
    """
    owners = _owners_by_id(cohort_id=cohort_id, github_id=github_id)
    if not owners and login:
        owners = _owners_by_login(cohort_id=cohort_id, login=login.lower())
    return owners[0] if owners else None


@compiled
def _owners_by_id(*, cohort_id: UUID, github_id: int) -> QuerySet[Membership]:
    memberships = Membership.objects.live().filter(cohort_id=cohort_id, role=Role.MEMBER)
    by_id = memberships.with_github_account(github_id).filter(Q(github_id=github_id) | Q(github_id=None))
    return by_id.order_by(F("github_id").desc(nulls_last=True), "joined_at", "id")[:1]


@compiled
def _owners_by_login(*, cohort_id: UUID, login: str) -> QuerySet[Membership]:
    memberships = Membership.objects.live().filter(cohort_id=cohort_id, role=Role.MEMBER)
    return memberships.with_github_login(login).order_by("joined_at", "id")[:1]


def members(
    membership: Membership,
    *,
    part_id: UUID | None = None,
    role: str = "",
    search: str = "",
    cursor: str | None = None,
    size: int = 50,
) -> Page[Any]:
    """Return the members of the cohort by name, annotated as by `member`, as this membership may see them.

    `search` matches substrings of names and GitHub logins.
    """
    claim: F | Case = F("github_claim")
    if membership.role != Role.OPERATOR:
        claim = Case(When(id=membership.id, then=claim), default=Value(""))
    memberships = _memberships(claim).filter(cohort_id=membership.cohort_id)
    memberships = memberships.annotate(sort_name=Coalesce("name", Value("")))
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
    return page_of(memberships, order=("sort_name", "id"), cursor=cursor, size=size)


def members_to_invite(cohort_id: UUID, *, part_id: UUID | None = None) -> list[Any]:
    """Return the members, of a part if given, whose account is open, annotated as by `member`, by name.

    One statement.
    """
    open_accounts = Membership.objects.with_open_account().filter(cohort_id=cohort_id, role=Role.MEMBER)
    members = _memberships(F("github_claim")).filter(id__in=open_accounts.values("id"))
    if part_id is not None:
        members = members.filter(part_id=part_id)
    return list(members.order_by("name", "id"))


def people_of(cohort: Cohort) -> QuerySet[Any]:
    """Return the live memberships of the cohort by name, annotated as by `member`."""
    return _memberships(F("github_claim")).filter(cohort=cohort).order_by("name", "id")


def membership_ids(cohort: Cohort) -> list[UUID]:
    """Return the ids of the live memberships of the cohort. One statement."""
    return list(Membership.objects.live().filter(cohort=cohort).values_list("id", flat=True))


def member(membership: Membership) -> Any:
    """Return the membership as operators and the member see it.

    Annotated with `name`, None if the account is not mirrored yet and "" if it is closed; a GitHubStatus
    `github`; the `login` of the GitHub account, "" if unknown; and the login that the member claims, `claim`.
    """
    return _memberships(F("github_claim")).get(id=membership.id)


def people_by_part(cohort: Cohort) -> list[dict[str, Any]]:
    """Count the `people` of each non-empty part, and of those without a part, whose `part_id` is None."""
    memberships = Membership.objects.live().filter(cohort=cohort)
    parts = memberships.values("part_id", part_name=F("part__name"), position=F("part__position"))
    return list(parts.annotate(people=Count("id")).order_by("position"))


def invitations(
    cohort: Cohort,
    *,
    at: datetime,
    is_open: bool | None = None,
    is_unopened: bool = False,
    cursor: str | None = None,
    size: int = 25,
) -> Page[Invitation]:
    """Return the cohort's invitations, the newest first. `is_open` filters those that can be used or not.

    `is_unopened` filters those by mail whose link nobody has opened, also over ones.
    """
    rows = Invitation.objects.with_names().with_state(at).filter(cohort=cohort)
    if is_unopened:
        rows = rows.filter(invitee__opened_at=None, invitee__isnull=False)
    if is_open is not None:
        can_be_used = Q(state=InvitationState.OPEN)
        rows = rows.filter(can_be_used if is_open else ~can_be_used)
    return page_of(rows, order=("-created_at", "-id"), cursor=cursor, size=size)


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
    return parts_of(invitation.cohort) if invitation.asks_for_part else []


def has_mail_key(invitation: Invitation, key: str) -> bool:
    """Return True if the key is the one of the invitation's last mail."""
    return Invitee.objects.filter(invitation=invitation, key_hash=hash_key(key)).exists()


def known_addresses(cohort_id: UUID, hashes: Iterable[str], *, at: datetime) -> dict[str, bool]:
    """Return which of these keyed hashes of addresses are invited at `at`, and whether they are a member's.

    One statement.
    """
    known = Invitee.objects.with_address(cohort_id, hashes, at=at)
    return {invitee.email_hash: invitee.is_member for invitee in known}


def known_logins(cohort_id: UUID, logins: Iterable[str]) -> set[str]:
    """Return which of these GitHub logins, in lower case, members of the cohort have. One statement."""
    return set(names_by_login(cohort_id, logins))


def names_by_login(cohort_id: UUID, logins: Iterable[str]) -> dict[str, str]:
    """Return the names of the members of the cohort who have these GitHub logins, in lower case.

    "" for a name that is not known yet. One statement.
    """
    # "" is no login, but what a member has whose login is not known.
    wanted = set(logins) - {""}
    members = Membership.objects.live().filter(cohort_id=cohort_id).with_any_github_login(wanted)
    account = OuterRef("account_id")
    linked = AccountMirror.objects.filter(account_id=account).values("github_login")[:1]
    rows = members.values_list(
        Coalesce(AccountMirror.objects.name_of(account), Value("")),
        "github_login",
        Lower(Coalesce(Subquery(linked), Value(""))),
    )
    return {login: name for name, *of in rows for login in of if login in wanted}


def consent_of(membership: Membership) -> Consent | None:
    """Return the member's consent to the current text."""
    return Consent.objects.filter(membership=membership, version=CONSENT_VERSION).first()


def export_consents(account_id: UUID) -> list[dict[str, Any]]:
    """Return what the account agreed to, and when. One statement."""
    given = Consent.objects.filter(membership__account_id=account_id).order_by("given_at", "id")
    return [dict(row) for row in given.values("membership_id", "version", "given_at")]


def export_invitations(account_id: UUID) -> list[dict[str, Any]]:
    """Return what sheets said of the account in the invitations by mail that it used. One statement."""
    used = Invitee.objects.filter(invitation__for_account_id=account_id).order_by("mailed_at", "pk")
    columns = ("name", "github_login", "mailed_at", "opened_at")
    return list(used.values(*columns, cohort_title=F("cohort__title")))


def join_requests(cohort: Cohort, *, cursor: str | None = None, size: int = 50) -> Page[JoinRequest]:
    """Return the cohort's open requests to join, the oldest first, with names."""
    rows = JoinRequest.objects.with_names().filter(cohort=cohort, open=1)
    return page_of(rows, order=("created_at", "id"), cursor=cursor, size=size)


def count_join_requests(cohort: Cohort) -> int:
    """Count the cohort's open requests to join."""
    return JoinRequest.objects.filter(cohort=cohort, open=1).count()


def named_requests(requests: Iterable[JoinRequest]) -> list[JoinRequest]:
    """Return these requests as they are now, the oldest first, with names. One statement."""
    wanted = [request.id for request in requests]
    return list(JoinRequest.objects.with_names().filter(id__in=wanted).order_by("created_at", "id"))


def open_requests_of(account_id: UUID) -> list[JoinRequest]:
    """Return the account's open requests to join, the oldest first. One statement."""
    rows = JoinRequest.objects.with_names().filter(account_id=account_id, open=1)
    return list(rows.order_by("created_at", "id"))


def open_request(invitation: Invitation, account_id: UUID) -> JoinRequest | None:
    """Return the account's open request to join the invitation's cohort."""
    return JoinRequest.objects.filter(cohort=invitation.cohort, account_id=account_id, open=1).first()


def requests_of(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[JoinRequest]:
    """Return the account's requests to join, the newest first, with names."""
    rows = JoinRequest.objects.with_names().filter(account_id=account_id)
    return page_of(rows, order=("-created_at", "-id"), cursor=cursor, size=size)


def export_join_requests(account_id: UUID) -> list[dict[str, Any]]:
    """Return the account's requests to join. One statement."""
    rows = JoinRequest.objects.filter(account_id=account_id).order_by("created_at", "id")
    columns = (
        "role",
        "message",
        "consent_version",
        "consent_given_at",
        "created_at",
        "decided_at",
        "approved",
    )
    return list(rows.values(*columns, cohort_title=F("cohort__title"), part_name=F("part__name")))


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


def _memberships(claim: F | Case) -> QuerySet[Any]:
    mirror = AccountMirror.objects.filter(account_id=OuterRef("account_id"))
    github = Case(
        When(github_id__isnull=False, then=Value(GitHubStatus.PINNED)),
        When(linked_id__isnull=False, then=Value(GitHubStatus.LINKED)),
        When(github_login__gt="", then=Value(GitHubStatus.AWAITED)),
        When(claim__gt="", then=Value(GitHubStatus.CLAIMED)),
        default=Value(GitHubStatus.UNKNOWN),
    )
    return (
        Membership.objects.live()
        .select_related("part", "team", "study_team")
        .annotate(
            name=AccountMirror.objects.name_of(OuterRef("account_id")),
            linked_id=Subquery(mirror.values("github_id")[:1]),
            linked_login=Subquery(mirror.values("github_login")[:1]),
            claim=claim,
        )
        .annotate(github=github)
        .annotate(
            login=Case(When(github=GitHubStatus.LINKED, then=F("linked_login")), default=F("github_login"))
        )
    )


def is_undoable(update_id: UUID) -> bool:
    """Return True if the update changed what `undo_update` gives back."""
    return MembershipUpdate.objects.filter(update_id=update_id, undone_at=None).exists()
