"""Each compiled query is the query set of its function, whichever of its arguments are None."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

import study

ROOT = Path(study.__file__).parent
VALUES: dict[str, Callable[[], UUID | int | str]] = {
    "UUID": uuid4,
    "int": lambda: 1234567,
    "str": lambda: "club/term-16",
}


def compiled_functions() -> list[Any]:
    """Return everything in the service that the decorator has made."""
    paths = [path for path in ROOT.rglob("*.py") if "@compiled" in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in paths]
    found = [value for name in names for value in vars(import_module(name)).values()]
    return [value for value in found if hasattr(value, "__wrapped__") and hasattr(value, "_build")]


def arguments_of(build: Any) -> list[dict[str, Any]]:
    """Return values of each argument, and None for each that may be None, in every combination."""
    names = signature(build).parameters
    choices: list[list[UUID | int | str | None]] = [
        [
            VALUES[parameter.annotation.removesuffix(" | None")](),
            *([None] if " | None" in parameter.annotation else []),
        ]
        for parameter in names.values()
    ]
    return [dict(zip(names, values, strict=True)) for values in product(*choices)]


def statements(read: Any, arguments: dict[str, Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        list(read(**arguments))
    return [statement["sql"] for statement in captured]


def test_compiled_queries_are_their_query_sets(db: None) -> None:
    functions = compiled_functions()
    assert functions
    for function in functions:
        build = function.__wrapped__
        for arguments in arguments_of(build):
            for _first_and_second_call in range(2):
                assert statements(function, arguments) == statements(build, arguments), build.__qualname__
