"""Announcements to a cohort, one of its parts or one of its teams."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Membership, MembershipQuerySet, Part, Role, Team


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def with_author(self) -> AnnouncementQuerySet:
        """Join the part and the team and annotate `author_name`."""
        return self.select_related("part", "team").annotate(
            author_name=AccountMirror.objects.name_of(OuterRef("author_id"))
        )

    def for_membership(self, membership: Membership) -> AnnouncementQuerySet:
        """Filter announcements for everyone, for this membership's part, and for its teams."""
        audience = Q(part=None, team=None) | Q(team__in=membership.team_ids)
        if membership.part_id:
            audience |= Q(part_id=membership.part_id)
        if membership.role == Role.MENTOR:
            audience |= Q(team__mentor_id=membership.account_id)
        return self.filter(audience)


class Announcement(models.Model):
    """An announcement to the cohort, or to one part or one team if set. Withdrawn, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="announcements")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="announcements")
    title = models.CharField(max_length=120)
    # Markdown; sanitised when rendered.
    body = models.TextField()
    author_id = models.UUIDField()
    published_at = models.DateTimeField()
    # When title or text last changed.
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(part=None) | Q(team=None), name="announcement_to_a_part_or_a_team"
            )
        ]
        indexes = [models.Index(fields=["cohort", "published_at"], name="announcements_of_cohort")]

    def __str__(self) -> str:
        return self.title

    def is_for(self, membership: Membership) -> bool:
        """Return whether it is for this membership, as `for_membership`. Read it `with_author`; no query."""
        if self.team is None:
            return self.part_id in {None, membership.part_id}
        is_mentor = membership.role == Role.MENTOR and self.team.mentor_id == membership.account_id
        return is_mentor or self.team.id in membership.team_ids

    def readers(self) -> MembershipQuerySet:
        """Return the live memberships that it is for, without the author. Operators read all."""
        readers = (
            Membership.objects.live().filter(cohort_id=self.cohort_id).exclude(account_id=self.author_id)
        )
        if self.part_id:
            return readers.filter(Q(part_id=self.part_id) | Q(role=Role.OPERATOR))
        if self.team:
            is_mentor = Q(account_id=self.team.mentor_id, role=Role.MENTOR)
            is_in_team = Q(team=self.team) | Q(study_team=self.team)
            return readers.filter(is_in_team | is_mentor | Q(role=Role.OPERATOR))
        return readers

    def has_read(self) -> Exists:
        """Return the condition that the account of a membership has opened it."""
        return Exists(AnnouncementRead.objects.filter(announcement=self, account_id=OuterRef("account_id")))


class AnnouncementRead(models.Model):
    """An account opened the announcement, for the first time at `read_at`. Its author has none."""

    id = models.BigAutoField(primary_key=True)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="reads")
    # An account, so that a member who rejoins has read what they had read.
    account_id = models.UUIDField(db_index=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "account_id"], name="announcement_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.account_id}"


class AnnouncementReminder(models.Model):
    """An operator reminded an account of the announcement on a day in the cohort's zone.

    A row is the key that keeps a reminder from being sent twice.
    """

    id = models.BigAutoField(primary_key=True)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="reader_reminders")
    account_id = models.UUIDField(db_index=True)
    day = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "day", "account_id"], name="announcement_reminder_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.account_id}"


class AnnouncementDraft(models.Model):
    """An announcement that operators have not published: written here, or of a former cohort."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="announcement_drafts")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=120)
    body = models.TextField()
    # When that of the former cohort was published, moved as all dates are. It is only shown.
    planned_for = models.DateTimeField(null=True)
    # When it is published by itself; null: by an operator.
    publish_at = models.DateTimeField(null=True)
    # Who set `publish_at`: the author of what is published then.
    author_id = models.UUIDField(null=True)
    # The former `publish_at`, if the cohort was closed then.
    missed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(part=None) | Q(team=None), name="announcement_draft_to_a_part_or_a_team"
            ),
            models.CheckConstraint(
                condition=Q(publish_at=None) | Q(author_id__isnull=False),
                name="announcement_draft_with_a_time_has_an_author",
            ),
        ]
        indexes = [models.Index(fields=["publish_at"], name="announcement_drafts_by_time")]

    def __str__(self) -> str:
        return self.title
