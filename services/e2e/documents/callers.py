"""The callers and the existing rows of generated cases."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, Manager, Model, UUIDField

# Fixed, so that failures are reproducible.
SEED = 20261124
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Person:
    """A caller; anonymous without an account."""

    name: str
    account_id: UUID | None
    claims: Mapping[str, Any] = field(default_factory=dict)


def stable_choice(text: str, choices: int) -> int:
    """Return a number below `choices` derived from the text, so that runs are reproducible."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") % choices


def choose_person(people: list[Person], case: str) -> Person:
    """Return the caller of a case."""
    return people[stable_choice(case, len(people))]


class Ids:
    """The ids of existing rows, by parameter name, such as mission_id."""

    def __init__(self, known: Mapping[str, str]) -> None:
        """`known` are valid values of other parameters that a generator would not find."""
        self._known = known
        found: defaultdict[str, set[UUID | int]] = defaultdict(set)
        for model in apps.get_models():
            described = model._meta  # noqa: SLF001 - public in all but its name
            for column in described.concrete_fields:
                target = column.target_field if isinstance(column, ForeignKey) else column
                if column.primary_key or isinstance(target, UUIDField):
                    name = (
                        f"{snake_case(described.object_name or '')}_id"
                        if column.name == "id"
                        else column.attname
                    )
                    found[name] |= {
                        row
                        for row in rows_of(model).values_list(column.attname, flat=True)
                        if isinstance(row, UUID | int)
                    }
        self._ids = {name: sorted(ids, key=str) for name, ids in found.items() if ids}

    def instead_of(self, name: str, value: Any) -> Any:
        """Replace a well-formed id by that of an existing row, in most cases; keep other values."""
        if name in self._known and isinstance(value, str):
            return self._known[name] if stable_choice(value, 2) else value
        known = self._known_as(name.removesuffix("_id").removesuffix("s"))
        if not known or stable_choice(f"{name} {value}", 8) == 0:
            return value
        chosen = known[stable_choice(f"{value} {name}", len(known))]
        if isinstance(chosen, UUID):
            return str(chosen) if _is_id(value) else value
        return chosen if isinstance(value, int) and not isinstance(value, bool) else value

    def _known_as(self, thing: str) -> list[UUID | int]:
        exact = self._ids.get(f"{thing}_id")
        return exact or next((ids for name, ids in self._ids.items() if name.endswith(f"{thing}_id")), [])

    def in_body(self, body: Any) -> Any:
        """Replace every id in a body."""
        if isinstance(body, dict):
            return {
                name: [self.instead_of(name, item) for item in value]
                if isinstance(value, list)
                else self.in_body(self.instead_of(name, value))
                for name, value in body.items()
            }
        if isinstance(body, list):
            return [self.in_body(part) for part in body]
        return body


def snake_case(name: str) -> str:
    """Return the name as parameters spell it: PullRequest as pull_request."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def create_row(model: type[Row], **fields: Any) -> Row:
    """Create a row. mypy knows the managers of one service at a time, so none is used."""
    row = model(**fields)
    row.save(force_insert=True)
    return row


def rows_of(model: type[Model]) -> Manager[Any]:
    """Return the default manager of a model."""
    return model._default_manager  # noqa: SLF001 - public in all but its name


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def written(value: object) -> str:
    """Return a JSON-like value as deterministic text."""
    return json.dumps(value, sort_keys=True, default=lambda value: type(value).__name__)
