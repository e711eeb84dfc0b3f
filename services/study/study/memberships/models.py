"""Invitations to a cohort, the people of a sheet who were invited by mail, and requests to join."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Membership, Part, Role, Team


class InvitationState(models.TextChoices):
    """Whether an invitation can be used, and if not, why."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    USED_UP = "used_up"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def with_names(self) -> InvitationQuerySet:
        """Join cohort and part; annotate who is `invited` and who made it (`made_by`), by name.

        Of an invitation by mail: `invited` is the sheet's name until somebody joins, `mailed_at` is when it
        was last sent, `opened_at` when the link was first opened.
        """
        mail = {"mailed_at": F("invitee__mailed_at"), "opened_at": F("invitee__opened_at")}
        return self.select_related("cohort", "part").annotate(
            invited=Coalesce(AccountMirror.objects.name_of(OuterRef("for_account_id")), F("invitee__name")),
            made_by=AccountMirror.objects.name_of(OuterRef("created_by")),
            **mail,
        )

    def with_state(self, at: datetime) -> InvitationQuerySet:
        """Annotate the `state` at `at`; withdrawn precedes over, over precedes used up."""
        annotations: dict[str, Case] = {
            "state": Case(
                When(withdrawn_at__isnull=False, then=Value(InvitationState.WITHDRAWN)),
                When(expires_at__lte=at, then=Value(InvitationState.OVER)),
                When(uses__gte=F("max_uses"), then=Value(InvitationState.USED_UP)),
                default=Value(InvitationState.OPEN),
            )
        }
        return self.annotate(**annotations)


class Invitation(models.Model):
    """An invitation link with a role and part.

    Joining counts as a use, and so does a request to join while it waits; opening the link does not.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invitations")
    # Random secret of the link, at least 128 bits; stored in clear because operators see it.
    token = models.CharField(max_length=43, unique=True)
    role = models.CharField(max_length=8, choices=Role)
    part = models.ForeignKey(Part, on_delete=models.CASCADE, null=True)
    expires_at = models.DateTimeField()
    max_uses = models.PositiveIntegerField()
    uses = models.PositiveIntegerField(default=0)
    # Set for an invitation to one account; then only that account may use it. Of an invitation by mail: the
    # account that used it.
    for_account_id = models.UUIDField(null=True)
    created_by = models.UUIDField()
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    # Only there on what `with_state` has read.
    state: str
    # Only there on what `with_names` has read.
    mailed_at: datetime | None
    opened_at: datetime | None

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="invitation_uses_within_max"),
            models.CheckConstraint(condition=Q(max_uses__gte=1), name="invitation_max_uses_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.uses}/{self.max_uses}"

    @property
    def path(self) -> str:
        """Return the link's path on this installation."""
        return f"/join/{self.token}/"

    @property
    def is_personal(self) -> bool:
        """Return True if only one account may use it."""
        return self.for_account_id is not None

    @property
    def needs_approval(self) -> bool:
        """Return True if who uses it waits until an operator approves. Queries for cohort and invitee.

        Not for an invitation of one person, by name or by mail, nor for one that makes operators.
        """
        if not self.cohort.joins_by_approval or self.role == Role.OPERATOR:
            return False
        return not self.is_personal and not hasattr(self, "invitee")

    @property
    def asks_for_part(self) -> bool:
        """Return True if members choose a part when they join; mentors and operators may have none."""
        return self.role == Role.MEMBER and self.part_id is None


class InviteeQuerySet(models.QuerySet["Invitee"]):
    def with_address(self, cohort_id: uuid.UUID, hashes: Iterable[str], *, at: datetime) -> InviteeQuerySet:
        """Filter a cohort's people with one of these keyed hashes: members, and invitations open at `at`.

        Not those who joined and have left, nor those whose invitation is over: a new sheet invites them
        again.

        Annotate `is_member`.
        """
        memberships = Membership.objects.live().filter(
            cohort=OuterRef("cohort"), account_id=OuterRef("invitation__for_account_id")
        )
        rows = self.filter(cohort_id=cohort_id, email_hash__in=list(hashes))
        annotations = {"is_member": Exists(memberships)}
        unused = Q(invitation__uses=0, invitation__withdrawn_at=None, invitation__expires_at__gt=at)
        return rows.annotate(**annotations).filter(unused | Q(is_member=True))


class Invitee(models.Model):
    """A person who was invited by mail, with what joining sets beside the invitation's role and part.

    The address is deleted once it is used; withdrawing the invitation deletes the row.
    """

    invitation = models.OneToOneField(
        Invitation, on_delete=models.CASCADE, primary_key=True, related_name="invitee"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invitees")
    name = models.CharField(max_length=100)
    email_encrypted = models.CharField(max_length=600, blank=True)
    # Keyed hash: finds the address again when a second sheet has it, also after it was deleted.
    email_hash = models.CharField(max_length=64)
    # SHA-256 of the key that only the last mail's link has: who knows it has read the mail, which an operator
    # who sees the invitation has not. NULL once it is used, and for mails of the release before.
    key_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - blanks would not be unique
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    study_team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    # Lower case; "" if unknown.
    github_login = models.CharField(max_length=39, blank=True)
    mailed_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    # Only there on what `with_address` has read.
    is_member: bool

    objects = InviteeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "email_hash"], name="address_invited_once_per_cohort")
        ]

    def __str__(self) -> str:
        return self.name


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def with_names(self) -> JoinRequestQuerySet:
        """Join cohort and part; annotate who asks by `name`: None if not mirrored yet, "" if closed."""
        name = AccountMirror.objects.name_of(OuterRef("account_id"))
        return self.select_related("cohort", "part").annotate(name=name)


class JoinRequestState(models.TextChoices):
    """What became of a request to join."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class JoinRequest(models.Model):
    """A request to join a cohort by a shared invitation, which an operator approves or declines.

    Holds a use of the invitation while it is open or approved. Deleted 30 days after it was decided.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="join_requests")
    account_id = models.UUIDField(db_index=True)
    # NULL once the invitation's part was deleted, and the invitation with it. Without constraints in the
    # database: a process of the release before deletes parts and does not know of this table.
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, db_constraint=False, related_name="requests"
    )
    # As the invitation gives them, or as the applicant chose.
    role = models.CharField(max_length=8, choices=Role)
    part = models.ForeignKey(
        Part, on_delete=models.SET_NULL, null=True, db_constraint=False, related_name="+"
    )
    message = models.CharField(max_length=300, blank=True)
    # What the applicant agreed to and when: becomes the membership's Consent.
    consent_version = models.CharField(max_length=16)
    consent_given_at = models.DateTimeField()
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    # The applicant, of a withdrawn one.
    decided_by = models.UUIDField(null=True)
    # NULL while open, and of a withdrawn one.
    approved = models.BooleanField(null=True)
    # 1 while open, else NULL: unique together with cohort and account, as Membership.live.
    open = models.GeneratedField(
        expression=Case(When(decided_at=None, then=Value(1))),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "account_id", "open"], name="one_open_request_per_account_and_cohort"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, approved=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="join_request_decided_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "open", "created_at", "id"], name="join_request_of_cohort"),
            models.Index(fields=["decided_at"], name="join_request_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.account_id}"

    @property
    def state(self) -> JoinRequestState:
        """Return what became of it."""
        if self.decided_at is None:
            return JoinRequestState.OPEN
        if self.approved is None:
            return JoinRequestState.WITHDRAWN
        return JoinRequestState.APPROVED if self.approved else JoinRequestState.DECLINED


class Consent(models.Model):
    """A member's consent to a version of what is collected, why and how long. Never updated."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="consents")
    # As rules.CONSENT_VERSION was.
    version = models.CharField(max_length=16)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "version"], name="consent_once_per_version")
        ]

    def __str__(self) -> str:
        return self.version


class MembershipUpdate(models.Model):
    """Parts and teams that one of several members had before they were changed at once; kept for a day."""

    # Given by who made the update; the members of one share it.
    update_id = models.UUIDField()
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    # Ids by the names of the columns, such as {"part_id": null}.
    before = models.JSONField()
    after = models.JSONField()
    at = models.DateTimeField(db_index=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["update_id", "membership"], name="membership_once_per_update")
        ]

    def __str__(self) -> str:
        return str(self.update_id)

    @property
    def is_current(self) -> bool:
        """Return True if the member is there, and nobody has changed since what the update changed."""
        values = {name: getattr(self.membership, name) for name in self.after}
        is_same = all(self.after[name] == (str(value) if value else None) for name, value in values.items())
        return is_same and self.membership.left_at is None

    @property
    def values_before(self) -> dict[str, uuid.UUID | None]:
        """Return the ids to give back."""
        return {name: uuid.UUID(value) if value else None for name, value in self.before.items()}
