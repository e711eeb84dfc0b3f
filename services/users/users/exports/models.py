"""Personal data exports."""

from __future__ import annotations

import uuid

from django.db import models

from users.accounts.models import Account


class ExportQuerySet(models.QuerySet["Export"]):
    def with_sections(self) -> ExportQuerySet:
        """Prefetch the sections without their contents, in the order of the services."""
        sections = Section.objects.defer("content_encrypted").order_by("id")
        return self.prefetch_related(models.Prefetch("sections", sections))


class Export(models.Model):
    """A requested export. Downloadable from when every service has uploaded its section until it expires."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_complete(self) -> bool:
        """Return True if every service has uploaded its section. See `with_sections`."""
        return all(section.received_at for section in self.sections.all())


class Section(models.Model):
    """One service's personal data of the account, encrypted; empty until the service has uploaded it."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="sections")
    service = models.CharField(max_length=32)
    content_encrypted = models.TextField(blank=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "service"], name="one_section_per_service")]

    def __str__(self) -> str:
        return f"{self.service} of {self.export_id}"
