"""What an operator decides about pull requests without an owner, and what time decides by itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from study.cohorts.actions import ensure_open
from study.cohorts.models import Membership, Role
from study.memberships.actions import pin_github
from study.mirrors.models import AccountMirror
from study.submissions.actions.settling import Taken, membership_of, settle
from study.submissions.models import UNMATCHED, Outcome, Pull, Source, Submission


class AlreadyMatched(DomainError):
    code = "already_matched"
    title = _("This pull request is somebody's submission already.")


@transaction.atomic
def match_pull(*, pull: Pull, membership: Membership, by: UUID, at: datetime) -> Taken:
    """Make the pull request this member's submission, with the times from which its heads count.

    If GitHub's id of the member is not known yet, its author's is theirs from now on, and what else
    waits by the same author becomes theirs as well. A pull request that the member had handed in
    before for the same mission is put aside.
    """
    theirs = Submission.objects.filter(mission_id=pull.mission_id, membership=membership)
    # Both pull requests in one order, before the membership and the submission.
    both = [pull.id, *theirs.values_list("pull_id", flat=True)]
    list(Pull.objects.select_for_update().filter(id__in=both).order_by("id"))
    pull = _locked(pull.id)
    ensure_open(cohort=pull.mission.cohort)
    owner = (
        Membership.objects.live()
        .select_for_update()
        .filter(id=membership.id, cohort_id=pull.cohort_id, role=Role.MEMBER)
        .first()
    )
    if owner is None:
        raise NotFound
    matched = Submission.objects.filter(pull=pull).first()
    if matched and matched.membership_id == owner.id:
        return Taken(Outcome.UNCHANGED, pull, matched)
    if matched:
        raise AlreadyMatched
    _put_aside(pull, owner, by=by, at=at)
    pull.owner, pull.unmatched = owner, ""
    pull.dismissed_at = pull.dismissed_by = None
    pull.save(update_fields=["owner", "unmatched", "dismissed_at", "dismissed_by"])
    is_theirs = _learn(pull, owner, at=at)
    taken = settle(pull=pull, source=Source.OPERATOR, at=at)
    if is_theirs:
        _settle_others(pull, at=at)
    return taken


@transaction.atomic
def dismiss_pull(*, pull: Pull, by: UUID, at: datetime) -> None:
    """Say that this is nobody's submission. Twice is the same as once; restore_pull takes it back."""
    pull = _locked(pull.id)
    if Submission.objects.filter(pull=pull).exists():
        raise AlreadyMatched
    if pull.dismissed_at is None:
        pull.dismissed_at, pull.dismissed_by, pull.unmatched = at, by, ""
        pull.save(update_fields=["dismissed_at", "dismissed_by", "unmatched"])


@transaction.atomic
def restore_pull(*, pull: Pull, at: datetime) -> Taken:
    """Take a dismissal back: it waits again, or becomes the submission of an owner known by now."""
    pull = _locked(pull.id)
    if pull.dismissed_at is not None:
        pull.dismissed_at = pull.dismissed_by = None
        pull.save(update_fields=["dismissed_at", "dismissed_by"])
    return settle(pull=pull, source=Source.OPERATOR, at=at)


@transaction.atomic
def find_owner(*, pull_id: UUID, at: datetime) -> Taken:
    """Look again whose a waiting pull request is: they may have joined or linked their account since."""
    return settle(pull=_locked(pull_id), source=Source.WEBHOOK, at=at, is_news=False)


def _locked(pull_id: UUID) -> Pull:
    rows = Pull.objects.select_for_update(of=("self",)).select_related("mission__cohort", "owner")
    return rows.get(id=pull_id)


def _put_aside(pull: Pull, owner: Membership, *, by: UUID, at: datetime) -> None:
    """Move the submission that the member has on this mission over to this pull request."""
    submission = (
        Submission.objects.select_for_update().filter(mission_id=pull.mission_id, membership=owner).first()
    )
    if submission is None:
        return
    Pull.objects.filter(id=submission.pull_id).update(dismissed_at=at, dismissed_by=by, unmatched="")
    submission.pull = pull
    submission.save(update_fields=["pull"])


def _learn(pull: Pull, owner: Membership, *, at: datetime) -> bool:
    """Whether the author's id is the member's, pinned now or known before."""
    membership = membership_of(cohort_id=pull.cohort_id, github_id=pull.author_id) if pull.author_id else None
    if membership or not pull.author_id or _has_another(owner):
        return membership is not None and membership.id == owner.id
    pin_github(membership=owner, github_id=pull.author_id, login=pull.author_login, at=at)
    return True


def _settle_others(pull: Pull, *, at: datetime) -> None:
    others = Pull.objects.filter(
        cohort_id=pull.cohort_id, author_id=pull.author_id, unmatched__in=UNMATCHED, dismissed_at=None
    )
    free = others.exclude(id=pull.id).select_for_update(of=("self",), skip_locked=True)
    # One that somebody holds is found by find_owner.
    for other in free.select_related("mission__cohort", "owner").order_by("opened_at", "id"):
        settle(pull=other, source=Source.OPERATOR, at=at)


def _has_another(owner: Membership) -> bool:
    """Whether we know the member's GitHub account already, and it is not the author's."""
    if owner.github_id is not None:
        return True
    return AccountMirror.objects.filter(account_id=owner.account_id, github_id__isnull=False).exists()
