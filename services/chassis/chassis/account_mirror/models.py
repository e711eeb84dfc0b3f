"""Mirror of accounts. Written only by actions; may lag or lack rows; can be rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models.functions import Lower


class AccountMirrorQuerySet(models.QuerySet["AccountMirror"]):
    def name_of(self, account_id: models.F | models.OuterRef) -> models.Subquery:
        """Return a subquery for an account's name; NULL if it is not mirrored yet."""
        return models.Subquery(self.filter(models.Q(account_id=account_id)).values("name")[:1])

    def names(self, account_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Return names by account id; accounts not mirrored yet are absent."""
        return dict(self.filter(account_id__in=set(account_ids)).values_list("account_id", "name"))

    def closed_among(self, account_ids: Iterable[UUID]) -> set[UUID]:
        """Return the closed accounts among these."""
        return set(self.filter(account_id__in=account_ids, closed=True).values_list("account_id", flat=True))


class AccountMirror(models.Model):
    """What `users.account_changed` says of an account. A closed one keeps only its id."""

    account_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=100, blank=True)
    github_id = models.BigIntegerField(null=True, db_index=True)
    github_login = models.CharField(max_length=39, blank=True)
    language = models.CharField(max_length=8, default="ko")
    time_zone = models.CharField(max_length=64, default="Asia/Seoul")
    closed = models.BooleanField(default=False)
    version = models.PositiveBigIntegerField(default=0)

    objects = AccountMirrorQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(Lower("github_login"), name="mirror_login")]

    def __str__(self) -> str:
        return self.name
