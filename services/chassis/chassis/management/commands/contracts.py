from __future__ import annotations

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from chassis.events.schema import breaking_changes, event_classes, schema_of
from chassis.settings_base import CONTRACTS
from chassis.web.endpoints import endpoints


class Command(BaseCommand):
    help = "Print this service's event schemas, the names of the events it consumes, and its paths."

    def handle(self, **_options: object) -> None:
        schemas, breaks = {}, []
        for event in event_classes():
            schema, path = schema_of(event), CONTRACTS / "events" / f"{event.event_name}.json"
            before = json.loads(path.read_text()) if path.exists() else {**schema, "examples": []}
            breaks += [f"{event.event_name}: {change}" for change in breaking_changes(before, schema)]
            schemas[event.event_name] = {**schema, "examples": before["examples"]}
        if breaks:
            raise CommandError("\n".join([*breaks, "Publish a new event (…v2) beside the old one."]))
        consumed = list(import_string(settings.SUBSCRIPTIONS))
        paths = [endpoint.path({}) for endpoint in endpoints()]
        self.stdout.write(json.dumps({"publishes": schemas, "consumes": consumed, "paths": paths}))
