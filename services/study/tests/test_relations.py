"""Apps use no relation of an app above them, in ORM lookups or by name, which import-linter does not see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

import study

# From the bottom to the top, as in .importlinter.
LAYERS = ["cohorts", "memberships", "github", "missions", "repositories", "submissions"]
LAYERS += ["discussions", "reviews", "announcements", "reminders", "copies", "home"]
# Calls whose plain strings name relations.
TAKES_RELATIONS = {"F", "OuterRef", "FilteredRelation", "Count", "Sum", "Max", "Min", "values", "values_list"}
TAKES_RELATIONS |= {"select_related", "prefetch_related", "Prefetch", "order_by"}


def upper_relations(app: str) -> set[str]:
    """Return the names by which the models of this app or a lower one reach models of an upper app."""
    rank = LAYERS.index(app)
    found = set()
    for lower in LAYERS:
        for model in apps.get_app_config(lower).get_models():
            for relation in model._meta.related_objects:
                label = relation.field.model._meta.app_label
                if label in LAYERS[rank + 1 :] and not relation.hidden:
                    found |= {relation.name, relation.get_accessor_name() or relation.name}
    # A column of an app's own may have the same name.
    own = {field.name for model in apps.get_app_config(app).get_models() for field in model._meta.fields}
    return found - own


def names_in(source: str) -> Iterator[str]:
    """Yield attributes, and the parts of keywords and of strings that may be ORM lookups."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield from node.arg.split("__")[: None if "__" in node.arg else 0]
        elif isinstance(node, ast.Call):
            function = (
                node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            )
            if function in TAKES_RELATIONS:
                yield from (str(word.value) for word in node.args if isinstance(word, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "__" in node.value:
            yield from node.value.split("__")


def test_no_app_reaches_through_a_relation_into_an_app_above_it() -> None:
    root = Path(study.__file__).parent
    found = {
        (app, name)
        for app in LAYERS[:-1]
        for path in (root / app).rglob("*.py")
        if "migrations" not in path.parts
        for name in upper_relations(app) & set(names_in(path.read_text(encoding="utf-8")))
    }

    assert found == set()
