"""What this service uses of allauth is public and exists: an upgrade that changes it fails here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

import users
from users.signin.allauth.accounts import AccountAdapter
from users.signin.allauth.github import GitHubAdapter


def imported_names() -> Iterator[tuple[str, str]]:
    """Module and name of each import from allauth in the service; the name is "" for a whole module."""
    for path in Path(users.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("allauth"):
                yield from ((node.module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names if alias.name.startswith("allauth"))


@pytest.mark.parametrize(("module", "name"), sorted(set(imported_names())))
def test_a_name_from_allauth_is_public_and_exists(module, name):
    parts = [*module.split("."), *([name] if name else [])]

    assert not any(part == "internal" or part.startswith("_") for part in parts)
    assert not name or hasattr(import_module(module), name)


@pytest.mark.parametrize(
    ("adapter", "base", "own"),
    [
        (AccountAdapter, DefaultAccountAdapter, set()),
        (GitHubAdapter, DefaultSocialAccountAdapter, {"_link"}),
    ],
)
def test_an_adapter_overrides_only_public_hooks_that_exist(adapter, base, own):
    overridden = {name for name in vars(adapter) if not name.startswith("__")} - own

    assert not {name for name in overridden if name.startswith("_")}
    assert overridden <= set(dir(base))
    assert not own & set(dir(base))
