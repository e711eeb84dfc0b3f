"""What the services promise, written down from the code: `make contracts`.

write  services/contracts/http/<service>.yaml (OpenAPI) and docs/events.md anew
check  both are current
"""

from __future__ import annotations

import difflib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from project import ROOT, SERVICES, command

CONTRACTS = ROOT / "services" / "contracts"
EVENTS = ROOT / "docs" / "events.md"
FAULTY = "faults in the document that the code describes:\n"


def openapi(service: str) -> tuple[Path, str]:
    """The service's OpenAPI document; in place of its text the faults, if it cannot be written without."""
    path = CONTRACTS / "http" / f"{service}.yaml"
    done = command(service, "spectacular", "--lang", "en", "--validate", "--fail-on-warn")
    return path, done.stdout if done.returncode == 0 else FAULTY + done.stdout


def type_name(schema: dict[str, Any]) -> str:
    """The type of a field, in a word."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if parts := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(type_name(part) for part in parts)
    kind: str | list[str] = schema.get("type", "anything")
    kinds = kind if isinstance(kind, list) else [kind]
    words = " or ".join(str(schema.get("format", kind)) if kind == "string" else kind for kind in kinds)
    return f"list of {type_name(schema['items'])}" if kind == "array" and "items" in schema else words


def events() -> tuple[Path, str]:
    """docs/events.md: each event, who publishes it, who is owed it, and what it says."""
    consumers: dict[str, list[str]] = json.loads((CONTRACTS / "consumers.json").read_text())
    lines = [
        "# Events",
        "",
        "Written by `make contracts` from `services/contracts`; change it there. How they travel is in",
        "[architecture.md](architecture.md).",
        "",
        "| event | when | owed to |",
        "|---|---|---|",
    ]
    details = []
    for path in sorted((CONTRACTS / "events").glob("*.json")):
        schema = json.loads(path.read_text())
        name = path.stem
        subscribers = ", ".join(consumers.get(name, [])) or "nobody"
        lines.append(
            f"| [`{name}`](#{name.replace('.', '')}) | {schema.get('description', '')} | {subscribers} |"
        )
        details += [
            "",
            f"## {name}",
            "",
            schema.get("description", ""),
            "",
            "| field | is | |",
            "|---|---|---|",
        ]
        for field, about in schema["properties"].items():
            optional = "" if field in schema.get("required", []) else "optional; "
            details.append(
                f"| `{field}` | {type_name(about)} | {optional}{about.get('description', '')} |".replace(
                    "  |", " |"
                )
            )
    return EVENTS, "\n".join([*lines, *details]) + "\n"


def documents() -> list[tuple[Path, str]]:
    """Every generated document: where it belongs, and what it should say."""
    present = [name for name in SERVICES if (ROOT / "services" / name / name / "urls.py").exists()]
    with ThreadPoolExecutor(2) as pool:
        return [events(), *pool.map(openapi, present)]


def write() -> int:
    """Write those that have no faults; say what is wrong with the others."""
    faulty = 0
    for path, text in documents():
        if text.startswith(FAULTY):
            faulty += 1
            print(f"{path.relative_to(ROOT)}: {text}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(ROOT)}")
    return 1 if faulty else 0


def check() -> int:
    """Say which are not what the code says, and where they differ."""
    stale = 0
    for path, text in documents():
        name = str(path.relative_to(ROOT))
        have = path.read_text() if path.exists() else ""
        if text.startswith(FAULTY):
            stale += 1
            print(f"{name}: {text}")
        elif have != text:
            stale += 1
            print(
                "\n".join(
                    [*difflib.unified_diff(have.splitlines(), text.splitlines(), name, "the code", n=1)][:40]
                )
            )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(write() if sys.argv[1:] == ["write"] else check())
