"""People of a sheet: invited by mail, and what joining by such an invitation sets."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.crypto import decrypt, encrypt, keyed_hashes
from chassis.errors import DomainError
from chassis.events.publish import publish
from chassis.retention import delete_in_batches
from study.audit.actions import record_change
from study.cohorts.actions import ensure_open
from study.cohorts.models import AuditKind, Cohort, Membership, TeamKind
from study.memberships.actions.github import GitHubAlreadyLinked, GitHubTaken, set_github_login
from study.memberships.actions.invitations import (
    PERSONAL_INVITATION_LIFETIME,
    AlreadyMember,
    store_invitation,
)
from study.memberships.events import InvitationEmailRequested
from study.memberships.models import Invitation, Invitee
from study.memberships.rules import hash_key

# A mail that is on its way is not sent again.
MIN_RESEND_INTERVAL = timedelta(minutes=10)
# How long an address is kept after its invitation is over, so that it can be sent again.
MAX_UNUSED_AGE = timedelta(days=30)


class AlreadyInvited(DomainError):
    code = "already_invited"
    title = _("There is an invitation for this address already.")


class NotMailed(DomainError):
    code = "invitation_not_mailed"
    title = _("This invitation is not by email, or is used or revoked already.")


class AddressLost(DomainError):
    code = "invitation_address_lost"
    title = _(
        "The address of this invitation cannot be read any more. Revoke it, and import the person again."
    )


class MailedRecently(DomainError):
    code = "invitation_mailed_recently"
    title = _("This invitation was sent less than ten minutes ago. Wait a little, then send it again.")


@transaction.atomic
def invite_by_email(
    *,
    cohort: Cohort,
    name: str,
    email: str,
    role: str,
    part_id: UUID | None,
    team_id: UUID | None,
    study_team_id: UUID | None,
    github_login: str,
    by: UUID,
    at: datetime,
) -> Invitation:
    """Create an invitation for one person and request its mail. Call it with the cohort's row locked.

    Whether the address belongs to an account is not known here: the account that opens the link joins.
    Raise AlreadyInvited, AlreadyMember, CohortClosed or PartNotInCohort.
    """
    ensure_open(cohort=cohort)
    members = Membership.objects.live().filter(cohort=cohort)
    if github_login and members.with_any_github_login([github_login]).exists():
        raise AlreadyMember(field="github_login")
    hashes = keyed_hashes(email)
    if known := Invitee.objects.with_address(cohort.id, hashes, at=at).first():
        raise AlreadyMember(field="email") if known.is_member else AlreadyInvited(field="email")
    # Of somebody who joined and has left, or whose invitation is over.
    Invitee.objects.filter(cohort=cohort, email_hash__in=hashes).delete()
    invitation = store_invitation(
        cohort=cohort,
        part_id=part_id,
        role=role,
        expires_at=at + PERSONAL_INVITATION_LIFETIME,
        max_uses=1,
        created_by=by,
        created_at=at,
    )
    key = secrets.token_urlsafe(24)
    Invitee.objects.create(
        invitation=invitation,
        cohort=cohort,
        name=name,
        email_encrypted=encrypt(email),
        email_hash=hashes[0],
        team_id=team_id,
        study_team_id=study_team_id,
        github_login=github_login,
        key_hash=hash_key(key),
        mailed_at=at,
    )
    _request_email(invitation, name=name, email=email, key=key, by=by, at=at)
    return invitation


def invitation_of(*, cohort_id: UUID, email: str, at: datetime) -> Invitation | None:
    """Return the invitation of an address that is known in the cohort."""
    known = Invitee.objects.with_address(cohort_id, keyed_hashes(email), at=at)
    invitee = known.select_related("invitation").first()
    return invitee.invitation if invitee else None


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: UUID, at: datetime) -> Invitation:
    """Send an invitation by mail again; it is valid for as long as a new one.

    The key of the mail before ends.

    Raise NotMailed, AddressLost, MailedRecently or CohortClosed.
    """
    # The cohort first, as in `join`: an import at the same time invites the address anew if this one is over.
    ensure_open(cohort=Cohort.objects.select_for_update().get(id=invitation.cohort_id))
    invitation = Invitation.objects.select_for_update().get(id=invitation.id)
    invitee = Invitee.objects.select_for_update().filter(invitation=invitation).first()
    # The release before this one withdraws and uses invitations, and keeps the address.
    if invitee is None or invitation.uses or invitation.withdrawn_at is not None:
        raise NotMailed
    try:
        email = decrypt(invitee.email_encrypted)
    except ValueError:
        raise AddressLost from None
    if at < invitee.mailed_at + MIN_RESEND_INTERVAL:
        raise MailedRecently
    key = secrets.token_urlsafe(24)
    invitee.mailed_at, invitee.key_hash = at, hash_key(key)
    invitee.save(update_fields=["mailed_at", "key_hash"])
    invitation.expires_at = at + PERSONAL_INVITATION_LIFETIME
    invitation.save(update_fields=["expires_at"])
    _request_email(invitation, name=invitee.name, email=email, key=key, by=by, at=at)
    return invitation


def record_opened(*, invitation: Invitation, at: datetime) -> None:
    """Record when the link of an invitation by mail, read `with_names`, was first opened."""
    if invitation.mailed_at and invitation.opened_at is None:
        Invitee.objects.filter(invitation=invitation, opened_at=None).update(opened_at=at)


def use_invitee(*, invitation: Invitation, membership: Membership, at: datetime) -> None:
    """Set teams and GitHub login of a new member as the sheet has them, and delete the address.

    A login that somebody else here has, or that the account's linked one replaces, is ignored. Call it in the
    transaction that creates the membership.
    """
    invitees = Invitee.objects.select_for_update(of=("self",)).select_related("team", "study_team")
    invitee = invitees.filter(invitation=invitation).first()
    if invitee is None:
        return
    # The kind of a team may have changed since.
    for team in (invitee.team, invitee.study_team):
        if team is not None:
            setattr(membership, "team" if team.kind == TeamKind.PROJECT else "study_team", team)
    membership.save(update_fields=["team", "study_team"])
    teams = {"study_team": membership.study_team, "team": membership.team}
    record_change(
        cohort_id=membership.cohort_id,
        kind=AuditKind.TEAM,
        changes={field: (None, team.name if team else None) for field, team in teams.items()},
        subject_id=membership.account_id,
        by=invitation.created_by,
        at=at,
    )
    if invitee.github_login and membership.github_id is None:
        with suppress(GitHubTaken, GitHubAlreadyLinked):
            set_github_login(
                membership=membership, login=invitee.github_login, by=invitation.created_by, at=at
            )
    invitee.email_encrypted, invitee.key_hash, invitee.opened_at = "", None, invitee.opened_at or at
    invitee.save(update_fields=["email_encrypted", "key_hash", "opened_at"])
    invitation.for_account_id = membership.account_id
    invitation.save(update_fields=["for_account_id"])


def delete_unused_addresses(*, at: datetime) -> Iterator[int]:
    """Delete people whose invitation has been over for MAX_UNUSED_AGE; yield the size of each batch.

    Also one that the release before this one used during an upgrade: its address is still there.
    """
    over = Invitee.objects.filter(invitation__expires_at__lt=at - MAX_UNUSED_AGE)
    yield from delete_in_batches(over.exclude(email_encrypted=""))


@transaction.atomic
def delete_invitees(*, account_id: UUID) -> None:
    """Delete what sheets said of an account that joined. Idempotent."""
    Invitee.objects.filter(invitation__for_account_id=account_id).delete()


def _request_email(
    invitation: Invitation, *, name: str, email: str, key: str, by: UUID, at: datetime
) -> None:
    inviter = AccountMirror.objects.filter(account_id=by).first() or AccountMirror()
    publish(
        InvitationEmailRequested(
            email_id=uuid.uuid4(),
            cohort_title=invitation.cohort.title,
            invited_by=inviter.name,
            role=invitation.role,
            link=f"{invitation.path}?key={key}",
            expires_at=invitation.expires_at,
            name=name,
            email=email,
            language=inviter.language,
            time_zone=invitation.cohort.time_zone,
        ),
        at=at,
    )
