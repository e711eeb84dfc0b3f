"""Generate the contracts from the code: `make contracts`.

write  write services/contracts (OpenAPI, event schemas, consumers.json) and docs/events.md
check  fail if they are not current
"""

from __future__ import annotations

import difflib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jinja2 import Template

import render_gateway
from project import ROOT, SERVICES, command

CONTRACTS = ROOT / "services" / "contracts"
DOCUMENTS = (*SERVICES, "users.internal", "study.internal")
EVENTS = ROOT / "docs" / "events.md"


def output(service: str, *arguments: str) -> str:
    """Return what a service's Django command prints. Exit with its errors if it fails."""
    done = command(service, *arguments)
    return done.stdout if done.returncode == 0 else sys.exit(f"{service}: {done.stdout}")


def openapi(document: str) -> str:
    """Return the OpenAPI document <service>, or <service>.internal. Exit with its faults."""
    service, _, internal = document.partition(".")
    custom = ["--custom-settings", "chassis.web.openapi.INTERNAL"] if internal else []
    return output(service, "spectacular", "--lang", "en", "--validate", "--fail-on-warn", *custom)


def type_name(schema: dict[str, Any]) -> str:
    """Return the type of a field in words; of an object, its name in the JSON schema."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(map(type_name, schema["anyOf"]))
    if schema["type"] == "array":
        return f"list of {type_name(schema['items'])}"
    return str(schema.get("format", schema["type"]))


def documents() -> dict[Path, str]:
    """Return the text of every generated document by its path."""
    with ThreadPoolExecutor(2) as pool:
        contracts = [json.loads(text) for text in pool.map(lambda name: output(name, "contracts"), SERVICES)]
        found = {
            CONTRACTS / "http" / f"{document}.yaml": text
            for document, text in zip(DOCUMENTS, pool.map(openapi, DOCUMENTS), strict=True)
        }
    routes = render_gateway.read()
    for service, contract in zip(SERVICES, contracts, strict=True):
        for path in contract["paths"]:
            if routes.service_for(path) != service and not path.startswith(routes.never):
                sys.exit(f"services/contracts/routes.json does not lead to {path} of {service}.")
    schemas = dict(sorted(item for contract in contracts for item in contract["publishes"].items()))
    consumers = {
        name: [
            service
            for service, contract in zip(SERVICES, contracts, strict=True)
            if name in contract["consumes"]
        ]
        for name in schemas
    }
    tables = {CONTRACTS / "events" / f"{name}.json": schema for name, schema in schemas.items()}
    for path, table in {**tables, CONTRACTS / "consumers.json": consumers}.items():
        found[path] = json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    if gone := set((CONTRACTS / "events").glob("*.json")) - set(tables):
        sys.exit(f"No event class for {', '.join(sorted(path.name for path in gone))}.")
    template = Template(
        EVENTS.with_suffix(".md.template").read_text(), trim_blocks=True, keep_trailing_newline=True
    )
    return {**found, EVENTS: template.render(schemas=schemas, consumers=consumers, type_name=type_name)}


def main(*, write: bool) -> int:
    """Write the documents, or print how they differ from the code."""
    differences = []
    for path, text in documents().items():
        name = str(path.relative_to(ROOT))
        have = path.read_text() if path.exists() else ""
        if write:
            path.write_text(text)
            print(f"wrote {name}")
        elif have != text:
            lines = difflib.unified_diff(have.splitlines(), text.splitlines(), name, "the code", n=1)
            differences += [*lines][:40]
    for line in differences:
        print(line)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(write=sys.argv[1:] == ["write"]))
