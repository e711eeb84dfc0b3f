"""The contracts equal the code of the services: published events and their consumers."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

CONTRACTS = Path(__file__).resolve().parents[1]
SERVICES = CONTRACTS.parent
NAMES = ("users", "study", "notification")
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in sorted((CONTRACTS / "events").glob("*.json"))}
CONSUMERS: dict[str, list[str]] = json.loads((CONTRACTS / "consumers.json").read_text())

# How a field that is annotated so is described in a schema; an enum of strings also counts as str.
KINDS: dict[str, Any] = {
    "UUID": ("string", "uuid"),
    "str": ("string", None),
    "int": ("integer", None),
    "bool": ("boolean", None),
    "int | None": (["integer", "null"], None),
    "list[UUID]": ("array", "uuid"),
}


@dataclass(frozen=True)
class Published:
    """An event class in the code: its place, its name on the wire, and its typed fields."""

    place: str
    name: str
    fields: dict[str, str]


def published() -> list[Published]:
    """Every event class of the services' events.py files, read without importing them."""
    files = [path for name in NAMES for path in sorted((SERVICES / name / name).glob("*/events.py"))]
    return [
        event_of(node, str(path.relative_to(SERVICES)))
        for path in files
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]


def event_of(node: ast.ClassDef, place: str) -> Published:
    """The event that this class declares. A field called `name_` travels as "name"."""
    name, fields = "", {}
    for line in node.body:
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
            continue
        if ast.unparse(line.annotation) == "ClassVar[str]":
            assert isinstance(line.value, ast.Constant)
            name = str(line.value.value)
        else:
            fields[line.target.id.rstrip("_")] = ast.unparse(line.annotation)
    return Published(f"{place}:{node.name}", name, fields)


def subscriptions(service: str) -> set[str]:
    """The names in the service's subscriptions.py, read without importing it."""
    tree = ast.parse((SERVICES / service / service / "subscriptions.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "SUBSCRIPTIONS":
            assert isinstance(node.value, ast.Dict)
            return {ast.literal_eval(key) for key in node.value.keys if key is not None}
    raise AssertionError(f"{service}/subscriptions.py declares no SUBSCRIPTIONS")


EVENTS = published()


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one_and_its_examples_hold_to_it(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())

    assert schema["title"] == name
    assert schema["examples"]
    for example in schema["examples"]:
        validator.validate(example)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_says_what_it_is_about_and_refuses_what_it_does_not_know(name: str) -> None:
    schema = SCHEMAS[name]

    assert schema["description"].endswith(".")
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == set(schema["properties"])


def test_every_event_class_has_a_schema_and_every_schema_a_class() -> None:
    assert sorted(event.name for event in EVENTS) == sorted(SCHEMAS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.place)
def test_an_event_class_has_the_fields_of_its_schema(event: Published) -> None:
    properties = SCHEMAS[event.name]["properties"]

    assert set(event.fields) == set(properties)
    for field, annotation in event.fields.items():
        stated = properties[field]
        kind, form = KINDS[annotation]
        if annotation == "str" and "enum" in stated:
            assert all(isinstance(value, str) for value in stated["enum"])
            continue
        assert stated["type"] == kind, field
        if form:
            assert stated.get("items", stated)["format"] == form, field


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.place)
def test_an_event_is_named_after_its_service_and_what_has_happened(event: Published) -> None:
    service = event.place.partition("/")[0]
    subject, _, version = event.name.removeprefix(f"{service}.").partition(".")

    assert event.name.startswith(f"{service}.")
    assert subject.rsplit("_", 1)[-1].endswith(("ed", "en"))
    assert version.startswith("v")
    assert version[1:].isdigit()


def test_consumers_are_exactly_the_subscribers() -> None:
    subscribers = {
        service: {name for name, consumers in CONSUMERS.items() if service in consumers} for service in NAMES
    }

    assert subscribers == {service: subscriptions(service) for service in NAMES}
    assert set(CONSUMERS) == set(SCHEMAS)


def test_an_address_travels_to_notification_alone() -> None:
    with_address = {
        name
        for name, schema in SCHEMAS.items()
        for field in schema["properties"].values()
        if field.get("format") == "email"
    }

    assert with_address == {"users.contact_changed.v1"}
    assert CONSUMERS["users.contact_changed.v1"] == ["notification"]


def test_users_listens_to_nobody_and_nobody_listens_to_notification() -> None:
    assert subscriptions("users") == set()
    assert not any(name.startswith("notification.") for name in CONSUMERS)
    assert all(name.startswith("users.") for name in subscriptions("study"))
