"""People of a table, with every fault named by line and column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from chassis.names import check_name
from study.cohorts.models import Part, Role, Team, TeamKind
from study.memberships.forms import clean_github_login
from study.missions.forms.sheet import Fault
from study.roster.rules import FIELDS, Person, Table, is_nothing, name_key, role_of

MAX_NAME_LENGTH = 100
MAX_EMAIL_LENGTH = 254
# As wide as the columns of the names of parts and teams.
MAX_GROUP_LENGTH = 40

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T|\s|$)")
_ADDRESSES = re.compile(r"@.*[\s,;/].*@")


@dataclass
class Groups:
    """Parts and teams of the cohort by name, and whether unknown names become new ones."""

    parts: Sequence[Part]
    teams: Sequence[Team]
    is_created: bool = False
    new_parts: dict[str, str] = field(default_factory=dict)
    # The kind of each.
    new_teams: dict[str, tuple[str, TeamKind]] = field(default_factory=dict)

    @property
    def new_names(self) -> list[str]:
        """Return the names of new parts and teams."""
        return [*self.new_parts.values(), *(name for name, _kind in self.new_teams.values())]

    def part(self, text: str) -> str:
        """Return the name of the part that the text means, "" for none. ValidationError without one."""
        name = _group_name(text)
        known = {name_key(part.name): part.name for part in self.parts} | self.new_parts
        if (found := known.get(name_key(name))) is not None:
            return found
        if is_nothing(name):
            return ""
        if not self.is_created:
            message = _("No part “%(name)s”. There are: %(known)s.")
            names = ", ".join(part.name for part in self.parts) or "–"
            raise ValidationError(message, params={"name": name, "known": names})
        return self.new_parts.setdefault(name_key(name), name)

    def team(self, text: str, kind: TeamKind) -> str:
        """Return the name of the team of that kind that the text means, "" for none."""
        name = _group_name(text)
        known = {name_key(team.name): (team.name, team.kind) for team in self.teams} | self.new_teams
        found, its_kind = known.get(name_key(name), (name, ""))
        if its_kind == kind:
            return found
        if its_kind:
            message = _("The team “%(name)s” is a %(kind)s team.")
            raise ValidationError(message, params={"name": found, "kind": TeamKind(its_kind).label})
        if is_nothing(name):
            return ""
        if not self.is_created:
            raise ValidationError(_("No team “%(name)s”."), params={"name": name})
        self.new_teams[name_key(name)] = (name, kind)
        return name


def read_people(
    table: Table, columns: Mapping[str, int | None], groups: Groups
) -> tuple[list[Person], list[Fault]]:
    """Return the people of the table, and all that is wrong. Lines without used cells are left out."""
    people: list[Person] = []
    faults: list[Fault] = []
    used = {name: index for name, index in columns.items() if index is not None}
    seen: dict[tuple[str, str], int] = {}
    cleaners = _cleaners(groups)
    for line, cells in table.records:
        texts = {name: cells[index].strip() if index < len(cells) else "" for name, index in used.items()}
        if not any(texts.values()):
            continue
        values = dict.fromkeys(FIELDS, "")
        values["role"] = Role.MEMBER.value
        found: list[tuple[str, str]] = []
        for name, text in texts.items():
            try:
                values[name] = cleaners[name](_normalised(text))
            except ValidationError as error:
                found.append((name, error.messages[0]))
        found += _repeated(line, values, seen)
        faults += [Fault(line, table.titles[used[name]], message) for name, message in found]
        people.append(Person(line=line, **values))
    if not people and not faults:
        faults.append(Fault(1, "", _("Nobody is in the columns that you chose.")))
    return people, faults


def _cleaners(groups: Groups) -> dict[str, Callable[[str], str]]:
    return {
        "name": _name,
        "email": _email,
        "role": _role,
        "part": groups.part,
        "study_team": lambda text: groups.team(text, TeamKind.STUDY),
        "team": lambda text: groups.team(text, TeamKind.PROJECT),
        "github_login": _login,
    }


def _repeated(
    line: int, values: dict[str, str], seen: dict[tuple[str, str], int]
) -> Iterator[tuple[str, str]]:
    messages = {
        "email": _("The same address as on line %(line)d."),
        "github_login": _("The same GitHub login as on line %(line)d."),
    }
    for name, message in messages.items():
        if key := values[name].casefold():
            first = seen.setdefault((name, key), line)
            if first != line:
                yield name, message % {"line": first}


def _normalised(text: str) -> str:
    # Full-width signs and decomposed Hangul, as phones and macOS write them.
    text = unicodedata.normalize("NFKC", text).strip()
    if _DATE.match(text):
        raise ValidationError(_("A date. Format the column as text, and type the value again."))
    return text


def _name(text: str) -> str:
    if not text:
        raise ValidationError(_("The name is missing."))
    return _short_name(text, MAX_NAME_LENGTH)


def _group_name(text: str) -> str:
    return text and _short_name(text, MAX_GROUP_LENGTH)


def _short_name(text: str, length: int) -> str:
    if len(text) > length:
        message = _("Longer than %(max)d characters.")
        raise ValidationError(message, params={"max": length})
    check_name(text)
    return text


def _email(text: str) -> str:
    if not text:
        raise ValidationError(_("The address is missing."))
    if _ADDRESSES.search(text):
        raise ValidationError(_("More than one address. Give each person a line."))
    if "@" not in text:
        raise ValidationError(_("Not an email address: “@” is missing."))
    if len(text) > MAX_EMAIL_LENGTH:
        raise ValidationError(_("Longer than %(max)d characters."), params={"max": MAX_EMAIL_LENGTH})
    if " " in text:
        raise ValidationError(_("There is a space in the address."))
    if not text.isascii():
        raise ValidationError(_("Only Latin letters, digits and signs can be in an address."))
    try:
        validate_email(text)
    except ValidationError:
        raise ValidationError(_("Not an email address.")) from None
    # The same mailbox everywhere, and the same hash.
    return text.lower()


def _role(text: str) -> str:
    role = role_of(text)
    if role is None:
        message = _("“%(found)s” is no role. Write organizer, mentor or member.")
        raise ValidationError(message, params={"found": text[:20]})
    return role


def _login(text: str) -> str:
    return "" if is_nothing(text) else clean_github_login(text)
