"""Whose GitHub account is whose: linked by its owner, pinned at the first match, or an operator's word."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.cohorts.models import Cohort, Membership
from study.mirrors.models import AccountMirror


class GithubTaken(DomainError):
    code = "github_taken"
    title = _("Somebody else in this cohort has this GitHub account.")


class LinkedAlready(DomainError):
    code = "github_linked"
    title = _("This person has linked their GitHub account themselves; that counts.")


class ClaimChanged(DomainError):
    code = "claim_changed"
    title = _("The member has changed what they claim meanwhile. Look again.")


@transaction.atomic
def pin_github(*, membership: Membership, github_id: int, login: str, at: datetime) -> None:
    """Bind the membership to GitHub's immutable id: renames no longer matter. Or GithubTaken."""
    linked = AccountMirror.objects.filter(github_id=github_id).values("account_id")
    others = _others(membership).filter(Q(github_id=github_id) | Q(github_id=None, account_id__in=linked))
    if others.exists():
        raise GithubTaken(field="github_login")
    membership.github_id, membership.github_login, membership.github_claim = github_id, login.lower(), ""
    try:
        with transaction.atomic():
            membership.save(update_fields=["github_id", "github_login", "github_claim"])
    except IntegrityError:
        raise GithubTaken(field="github_login") from None


@transaction.atomic
def set_github_login(*, seat: Membership, login: str) -> Membership:
    """An operator's word for whose account it is: the next pull request of that login pins its id.

    "" takes the word and the pinned id back. LinkedAlready if the person linked an account; GithubTaken if
    the login is set for somebody else here.
    """
    seat = _locked(seat)
    if seat.github_login == login and not seat.github_claim:
        return seat
    if login:
        if AccountMirror.objects.filter(account_id=seat.account_id, github_id__isnull=False).exists():
            raise LinkedAlready(field="login")
        linked = AccountMirror.objects.filter(github_login=login).values("account_id")
        if _others(seat).filter(Q(github_login=login) | Q(account_id__in=linked)).exists():
            raise GithubTaken(field="login")
    if seat.github_login != login:
        seat.github_id = None
    seat.github_login, seat.github_claim = login, ""
    seat.save(update_fields=["github_id", "github_login", "github_claim"])
    return seat


@transaction.atomic
def claim_github(*, seat: Membership, login: str) -> Membership:
    """A member's own word; it matches nothing until an operator confirms it. "" takes it back."""
    seat = _locked(seat)
    if login and AccountMirror.objects.filter(account_id=seat.account_id, github_id__isnull=False).exists():
        raise LinkedAlready(field="login")
    seat.github_claim = "" if login == seat.github_login else login
    seat.save(update_fields=["github_claim"])
    return seat


@transaction.atomic
def confirm_claim(*, seat: Membership, login: str) -> Membership:
    """Make the member's claim an operator's word. ClaimChanged if it is not the one that was seen."""
    if _locked(seat).github_claim != login or not login:
        raise ClaimChanged(field="login")
    return set_github_login(seat=seat, login=login)


def _locked(seat: Membership) -> Membership:
    # The cohort's row first: a login is somebody's alone, so two settings of one must not meet.
    Cohort.objects.select_for_update().get(id=seat.cohort_id)
    return Membership.objects.select_for_update().get(id=seat.id)


def _others(seat: Membership) -> QuerySet[Membership]:
    return Membership.objects.live().filter(cohort_id=seat.cohort_id).exclude(id=seat.id)
