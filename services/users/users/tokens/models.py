"""Personal access tokens. Only digests are stored."""

from __future__ import annotations

import uuid

from django.db import models

from users.accounts.models import Account


class PersonalToken(models.Model):
    """A personal access token: shown once, and exchanged for access tokens of ten minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    # The last four characters, to distinguish tokens.
    ending = models.CharField(max_length=4)
    scope = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-made_at"], name="tokens_newest_first")]

    def __str__(self) -> str:
        return f"{self.name} …{self.ending}"
