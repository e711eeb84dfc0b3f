"""The OpenAPI documents, which `make contracts` generates from the code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCUMENTS = {
    path.stem: yaml.safe_load(path.read_text())
    for path in (Path(__file__).resolve().parents[1] / "http").glob("*.yaml")
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def answers(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas of an operation's successful answers."""
    for status, response in operation["responses"].items():
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if status.startswith("2") and schema:
            name = schema.get("$ref", "").rpartition("/")[2]
            yield document["components"]["schemas"][name] if name else schema


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_list_has_the_one_form(name: str) -> None:
    document = DOCUMENTS[name]
    for method, path, operation in operations(document):
        for schema in answers(document, operation):
            fields = schema.get("properties", {})
            arrays = [field for field, about in fields.items() if about.get("type") == "array"]
            is_list = schema["type"] == "array" or fields.keys() & {"results", "next"}
            if is_list or (method == "get" and set(arrays) == set(fields) != set()):
                assert arrays == ["results"], path
                assert sorted(schema["required"]) == sorted(fields) == ["next", "results"], path
                assert fields["next"]["type"] == ["string", "null"], path


def test_an_error_code_has_one_status_in_every_api() -> None:
    statuses = defaultdict(set)
    for document in DOCUMENTS.values():
        for _method, _path, operation in operations(document):
            for status, response in operation["responses"].items():
                if status >= "400":
                    for code in re.findall(r"`(\w+)`", response["description"]):
                        statuses[code].add(status)

    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}
    assert statuses["not_found"] == {"404"}
