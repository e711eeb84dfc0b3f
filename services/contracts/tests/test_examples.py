"""The event schemas and their consumers, which `make contracts` generates from the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

CONTRACTS = Path(__file__).resolve().parents[1]
SCHEMAS: dict[str, Any] = {
    path.stem: json.loads(path.read_text()) for path in (CONTRACTS / "events").glob("*.json")
}
CONSUMERS: dict[str, list[str]] = json.loads((CONTRACTS / "consumers.json").read_text())


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_valid_and_so_are_its_examples(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())

    assert schema["title"] == name
    assert schema["description"].endswith(".")
    assert schema["examples"]
    for example in schema["examples"]:
        validator.validate(example)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_open_to_new_optional_fields(name: str) -> None:
    example = {**SCHEMAS[name]["examples"][0], "field_of_a_later_release": "x"}

    Draft202012Validator(SCHEMAS[name]).validate(example)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_an_event_is_named_after_its_service_and_what_has_happened(name: str) -> None:
    service, subject, version = name.split(".")

    assert service in {"users", "study"}
    assert subject.rsplit("_", 1)[-1].endswith(("ed", "en", "wn"))
    assert version.startswith("v")
    assert version[1:].isdigit()


def test_every_event_has_a_consumer_other_than_users() -> None:
    assert set(CONSUMERS) == set(SCHEMAS)
    assert all(CONSUMERS.values())
    assert {consumer for consumers in CONSUMERS.values() for consumer in consumers} == {
        "study",
        "notification",
    }


def test_an_address_travels_to_notification_alone() -> None:
    with_address = {
        name
        for name, schema in SCHEMAS.items()
        for field in schema["properties"].values()
        if field.get("format") == "email"
    }

    assert with_address == {"users.contact_changed.v1", "study.invitation_email_requested.v1"}
    assert all(CONSUMERS[name] == ["notification"] for name in with_address)


def test_study_consumes_events_of_users_only() -> None:
    assert all(name.startswith("users.") for name, consumers in CONSUMERS.items() if "study" in consumers)
