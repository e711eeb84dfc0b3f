"""The columns of a sheet of people: which is which, by their titles, in Korean and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from study.cohorts.models import Role

FIELDS = ("name", "email", "role", "part", "study_team", "team", "github_login")
REQUIRED_FIELDS = ("name", "email")

# What titles contain, without spaces, the most specific fields first: a "team name" is a team and no name.
# The Korean is in the catalogue; both languages are recognised, whatever the operator reads.
_TITLES = {
    "github_login": pgettext_lazy("in titles of columns", "github"),
    "email": pgettext_lazy("in titles of columns", "email, e-mail"),
    "study_team": pgettext_lazy("in titles of columns", "studyteam, studygroup"),
    "team": pgettext_lazy("in titles of columns", "team"),
    "part": pgettext_lazy("in titles of columns", "part, track"),
    "role": pgettext_lazy("in titles of columns", "role"),
    "name": pgettext_lazy("in titles of columns", "fullname, name"),
}
# Titles too short to be looked for in others.
_EXACT_TITLES = {"team": pgettext_lazy("titles of columns", "group")}
_ROLES = {
    Role.OPERATOR: pgettext_lazy("in cells", "operator, organizer, admin"),
    Role.MENTOR: pgettext_lazy("in cells", "mentor, reviewer"),
    Role.MEMBER: pgettext_lazy("in cells", "member, mentee"),
}
_NOTHING = pgettext_lazy("in cells", "-, x, none")


@dataclass(frozen=True)
class Table:
    """What a sheet holds: titles of columns, and the lines below them that hold something, by number."""

    titles: Sequence[str]
    records: Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True)
class Person:
    """A line of a sheet. Part and teams are names; "" for none."""

    line: int
    name: str
    email: str
    role: str
    part: str
    study_team: str
    team: str
    github_login: str


def guess_columns(titles: Sequence[str], remembered: Mapping[str, str]) -> dict[str, int | None]:
    """Return the index of each field's column: as remembered, else by its title; None without one."""
    first = {title: index for index, title in reversed(list(enumerate(titles)))}
    found = {field: first[title] for field, title in remembered.items() if title in first}
    # Of a field that the last sheet had under another title, or of all if there is no last sheet.
    wanted = (remembered.keys() or set(FIELDS)) - found.keys()
    for index, title in enumerate(titles):
        field = _field_of(title)
        if field in wanted and field not in found and index not in found.values():
            found[field] = index
    return {field: found.get(field) for field in FIELDS}


def role_of(text: str) -> str | None:
    """Return the role that a cell names, in Korean or English; None if it names none. Empty: a member."""
    if is_nothing(text):
        return Role.MEMBER
    word = _squeezed(text)
    return next((role for role, words in _ROLES.items() if word in words_of(words)), None)


def is_nothing(text: str) -> bool:
    """Return True if the cell says that there is nothing."""
    return not text or _squeezed(text) in words_of(_NOTHING)


def words_of(listed: str | Promise) -> list[str]:
    """Return the words of a list in every language of the installation."""
    words: list[str] = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words += [_squeezed(word) for word in str(listed).split(",")]
    return words


def _field_of(title: str) -> str | None:
    word = _squeezed(title)
    for field, words in _EXACT_TITLES.items():
        if word in words_of(words):
            return field
    return next(
        (field for field, words in _TITLES.items() if any(part in word for part in words_of(words))), None
    )


def name_key(name: str) -> str:
    """Return what is equal for names that look alike: composed or not, in full width, in capitals."""
    return unicodedata.normalize("NFKC", name).casefold()


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]", "", name_key(text)) or text.strip()
