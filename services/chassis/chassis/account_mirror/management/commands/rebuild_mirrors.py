from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from chassis.web.client import ServiceClient, ServiceError


class Command(BaseCommand):
    """Fetch the lists of settings.MIRRORS from their services; rows with a newer version are kept."""

    help = "Rebuild the mirrors of other services' rows. Idempotent; may run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, (service, upsert) in settings.MIRRORS.items():
            client = ServiceClient(getattr(settings, f"{service.upper()}_URL"), service)
            count = 0
            try:
                for row in client.rows(f"/internal/{name}"):
                    import_string(upsert)(row)
                    count += 1
            except ServiceError as error:
                raise CommandError(f"{name}: stopped after {count}. {error}") from None
            self.stdout.write(f"{name}: {count}")
