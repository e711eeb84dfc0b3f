"""Which DomainErrors a view can answer, read from its source: for generating the OpenAPI documents alone.

Calls are followed by global names. Where that finds too little, the test that gets the error fails
(chassis.testing.checked_client).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings

from chassis.errors import DomainError


def errors_of(function: Callable[..., Any]) -> set[type[DomainError]]:
    """Return the DomainErrors that leave a function: those that it, or one that it calls, makes."""
    return _errors(inspect.unwrap(function), ())


@cache
def _errors(function: Callable[..., Any], callers: tuple[Callable[..., Any], ...]) -> set[type[DomainError]]:
    # `callers` ends a recursion.
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return _errors_in(tree, function, (*callers, function))


def _errors_in(
    node: ast.AST, function: Callable[..., Any], callers: tuple[Callable[..., Any], ...]
) -> set[type[DomainError]]:
    found = {
        error
        for child in ast.iter_child_nodes(node)
        if not isinstance(node, ast.Try) or child not in node.body
        for error in _errors_in(child, function, callers)
    }
    if isinstance(node, ast.Try):
        caught = tuple(error for handler in node.handlers for error in _caught_by(handler, function))
        body = {error for child in node.body for error in _errors_in(child, function, callers)}
        return found | {error for error in body if not issubclass(error, caught)}
    made = node.exc if isinstance(node, ast.Raise) else node.func if isinstance(node, ast.Call) else None
    value = _value(node, function)
    table = value.values() if isinstance(value, dict) else ()
    for error in (_value(made, function), *table):
        if isinstance(error, type) and issubclass(error, DomainError):
            found.add(error)
    value = inspect.unwrap(value) if callable(value) else None
    if inspect.isfunction(value) and value not in callers and _is_ours(value):
        found |= _errors(value, callers)
    return found


def _caught_by(handler: ast.ExceptHandler, function: Callable[..., Any]) -> list[type[BaseException]]:
    """Return the exceptions that a handler catches; none if it raises them again."""
    if any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler)):
        return []
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [error for name in names if isinstance(error := _value(name, function), type)]


def _value(node: ast.AST | None, function: Callable[..., Any]) -> Any:
    """Return the value of a global name, or of a module's attribute, in the function; None for others."""
    if isinstance(node, ast.Name):
        return function.__globals__.get(node.id)
    if isinstance(node, ast.Attribute) and inspect.ismodule(module := _value(node.value, function)):
        return getattr(module, node.attr, None)
    return None


def _is_ours(function: Callable[..., Any]) -> bool:
    return function.__module__.partition(".")[0] in {"chassis", settings.SERVICE}
