"""The menu: every app's AppConfig lists its entries as `menu`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True)
class Entry:
    """A menu entry of the given roles; "" is the role of an account without a cohort.

    `url` and `also` are paths, or names of URLs that take the cohort's id unless `has_cohort` is false.
    A path may contain `{cohort}`, its id. The pages below them belong to the entry.
    Entries are ordered by `position`.
    """

    label: Promise
    icon: str
    url: str
    position: int
    roles: tuple[str, ...] = ("member", "mentor", "operator")
    also: str = ""
    has_cohort: bool = True

    def paths(self, cohort_id: Any) -> list[str]:
        """Return the path of the entry, and that of the other pages that belong to it."""
        args = [cohort_id] if self.has_cohort else []
        names = filter(None, (self.url, self.also))
        return [
            name.format(cohort=cohort_id) if name.startswith("/") else reverse(name, args=args)
            for name in names
        ]


@dataclass(frozen=True)
class Item:
    """A menu entry as rendered."""

    url: str
    label: Promise
    icon: str
    current: bool


def menu_items(role: str, cohort_id: Any, at: str) -> list[Item]:
    """Return the menu of a role in a cohort, for the page at the path `at`."""
    found = [entry for config in apps.get_app_configs() for entry in getattr(config, "menu", ())]
    entries = sorted((entry for entry in found if role in entry.roles), key=lambda entry: entry.position)
    paths = [entry.paths(cohort_id) for entry in entries]
    # Longest prefix wins: an overview is not current on every page below it.
    lengths = [max((len(path) for path in places if at.startswith(path)), default=0) for places in paths]
    return [
        Item(places[0], entry.label, entry.icon, 0 < length == max(lengths))
        for entry, places, length in zip(entries, paths, lengths, strict=True)
    ]
