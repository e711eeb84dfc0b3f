"""GitHub accounts of members: linked in users, pinned at the first match, or set by an operator."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.errors import DomainError
from study.audit.actions import record_change
from study.cohorts.models import AuditKind, Membership, MembershipQuerySet
from study.memberships.actions.memberships import lock_membership


class GitHubTaken(DomainError):
    code = "github_taken"
    title = _("Somebody else in this cohort has this GitHub account.")


class GitHubAlreadyLinked(DomainError):
    code = "github_linked"
    title = _("This person has linked their GitHub account themselves; that counts.")


class ClaimChanged(DomainError):
    code = "claim_changed"
    title = _("The member has changed what they claim meanwhile. Check again.")


@transaction.atomic
def pin_github(*, membership: Membership, github_id: int, login: str, by: UUID | None, at: datetime) -> None:
    """Pin GitHub's immutable id to the membership. Raise GitHubTaken if another member has it.

    `by` is the operator who matched a pull request; None if its author's login or id decided.
    """
    others = _others(membership).with_github_account(github_id)
    if others.filter(Q(github_id=github_id) | Q(github_id=None)).exists():
        raise GitHubTaken(field="github_login")
    before = membership.github_login
    membership.github_id, membership.github_login, membership.github_claim = github_id, login.lower(), ""
    try:
        with transaction.atomic():
            membership.save(update_fields=["github_id", "github_login", "github_claim"])
    except IntegrityError:
        raise GitHubTaken(field="github_login") from None
    _record(membership, before, by=by, at=at)


@transaction.atomic
def set_github_login(*, membership: Membership, login: str, by: UUID, at: datetime) -> Membership:
    """Set a member's GitHub login, as an operator; its next pull request pins the id.

    "" clears login and pinned id. Raise GitHubAlreadyLinked if the account has a linked GitHub account,
    GitHubTaken if another member has the login.
    """
    membership = lock_membership(membership=membership)
    if membership.github_login == login and not membership.github_claim:
        return membership
    if login:
        _ensure_not_linked(membership)
        linked = AccountMirror.objects.filter(github_login=login).values("account_id")
        if _others(membership).filter(Q(github_login=login) | Q(account_id__in=linked)).exists():
            raise GitHubTaken(field="login")
    before = membership.github_login
    if before != login:
        membership.github_id = None
    membership.github_login, membership.github_claim = login, ""
    membership.save(update_fields=["github_id", "github_login", "github_claim"])
    _record(membership, before, by=by, at=at)
    return membership


@transaction.atomic
def claim_github(*, membership: Membership, login: str) -> Membership:
    """Store the login that the member claims, for an operator to confirm. "" clears it."""
    membership = lock_membership(membership=membership)
    if login:
        _ensure_not_linked(membership)
    membership.github_claim = "" if login == membership.github_login else login
    membership.save(update_fields=["github_claim"])
    return membership


@transaction.atomic
def confirm_claim(*, membership: Membership, login: str, by: UUID, at: datetime) -> Membership:
    """Confirm the member's claim. Raise ClaimChanged if it is no longer `login`."""
    if lock_membership(membership=membership).github_claim != login or not login:
        raise ClaimChanged(field="login")
    return set_github_login(membership=membership, login=login, by=by, at=at)


def _ensure_not_linked(membership: Membership) -> None:
    if AccountMirror.objects.filter(account_id=membership.account_id, github_id__isnull=False).exists():
        raise GitHubAlreadyLinked(field="login")


def _record(membership: Membership, before: str, *, by: UUID | None, at: datetime) -> None:
    record_change(
        cohort_id=membership.cohort_id,
        kind=AuditKind.GITHUB,
        changes={"": (before, membership.github_login)},
        subject_id=membership.account_id,
        by=by,
        at=at,
    )


def _others(membership: Membership) -> MembershipQuerySet:
    return Membership.objects.live().filter(cohort_id=membership.cohort_id).exclude(id=membership.id)
