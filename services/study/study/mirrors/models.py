"""What users has told us. Written only by mirrors.actions; may lag, may miss a row, can be rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models.functions import Lower


class AccountMirrorQuerySet(models.QuerySet["AccountMirror"]):
    def name_of(self, account_id: models.F | models.OuterRef) -> models.Subquery:
        """The name of an account as a column of another query; NULL where we have not heard of it."""
        return models.Subquery(self.filter(models.Q(account_id=account_id)).values("name")[:1])

    def names(self, account_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Names by account, for those we have heard of."""
        return dict(self.filter(account_id__in=set(account_ids)).values_list("account_id", "name"))


class AccountMirror(models.Model):
    """An account of users, as far as we have heard. A closed one keeps no name and no GitHub id."""

    account_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=100, blank=True)
    github_id = models.BigIntegerField(null=True, db_index=True)
    github_login = models.CharField(max_length=39, blank=True)
    closed = models.BooleanField(default=False)
    version = models.PositiveBigIntegerField()

    objects = AccountMirrorQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(Lower("github_login"), name="mirror_login")]

    def __str__(self) -> str:
        return self.name
