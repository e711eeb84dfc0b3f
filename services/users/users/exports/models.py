"""Personal data exports."""

from __future__ import annotations

import uuid

from django.db import models

from users.accounts.models import Account


class Export(models.Model):
    """A requested export. Downloadable from when every service has uploaded its section until it expires."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.id)


class Section(models.Model):
    """One service's personal data of the account, encrypted."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="sections")
    service = models.CharField(max_length=32)
    content_encrypted = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "service"], name="one_section_per_service")]

    def __str__(self) -> str:
        return f"{self.service} of {self.export_id}"
