"""Copies of other services' data. Written by mirrors.actions only; eventually consistent, can be rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models


class ContactMirror(models.Model):
    """Copy of an account's email address. The row of a closed account stays, without the address."""

    account_id = models.UUIDField(primary_key=True)
    email = models.EmailField(max_length=254, blank=True)
    closed = models.BooleanField(default=False)
    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.account_id)


class CohortMirrorQuerySet(models.QuerySet["CohortMirror"]):
    def title_of(self, cohort_id: models.F | models.OuterRef) -> models.Subquery:
        """Return a subquery for the title of a cohort; NULL if unknown."""
        return models.Subquery(self.filter(cohort_id=cohort_id).values("title")[:1])  # type: ignore[misc]


class CohortMirror(models.Model):
    """Copy of a cohort of the study service."""

    cohort_id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=200)
    version = models.PositiveBigIntegerField(default=0)

    objects = CohortMirrorQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class PartMirror(models.Model):
    """Copy of a part of a cohort."""

    part_id = models.UUIDField(primary_key=True)
    cohort_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


class MembershipMirrorQuerySet(models.QuerySet["MembershipMirror"]):
    def left_among(self, account_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        """Return the (account, cohort) pairs that have ended memberships only."""
        memberships: dict[tuple[UUID, UUID], bool] = {}
        for row in self.filter(account_id__in=account_ids):
            key = (row.account_id, row.cohort_id)
            memberships[key] = memberships.get(key, False) or not row.left
        return {key for key, is_member in memberships.items() if not is_member}


class MembershipMirror(models.Model):
    """Copy of a membership of the study service. An account that left and rejoined has two."""

    membership_id = models.UUIDField(primary_key=True)
    cohort_id = models.UUIDField()
    account_id = models.UUIDField()
    role = models.CharField(max_length=16)
    left = models.BooleanField(default=False)
    version = models.PositiveBigIntegerField(default=0)

    objects = MembershipMirrorQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account_id", "cohort_id"], name="memberships_of_an_account")]

    def __str__(self) -> str:
        return str(self.membership_id)
