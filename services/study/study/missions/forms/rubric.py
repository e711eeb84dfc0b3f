"""The rubric's editor, whose rows the server adds and removes, keeping what was typed; and sharing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from study.missions.models import Mission
from study.missions.rules.rubric import (
    LABEL_LENGTH,
    MAX_CRITERIA,
    MAX_LEVELS,
    MAX_POINTS,
    TITLE_LENGTH,
    CriterionSpec,
    LevelSpec,
    RubricFault,
    rubric_fault,
)

_NAME = re.compile(r"c(\d{1,2})-(?:title|l(\d{1,2})-(?:points|label))")
_BUTTON = re.compile(r"(add|remove|up)(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


class ShareForm(forms.Form):
    """Which missions to score in the same way. All of them, to begin with."""

    missions = forms.TypedMultipleChoiceField(
        label=_("Missions without a rubric"),
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a mission.")},
    )

    def __init__(self, missions: Sequence[Mission], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [
            (
                str(mission.id),
                _("Week %(week)s · %(title)s") % {"week": mission.week.number, "title": mission.title},
            )
            for mission in missions
        ]
        self.fields["missions"].choices = names  # type: ignore[attr-defined]
        self.fields["missions"].initial = [key for key, _name in names]


class LevelForm(forms.Form):
    """Points for how well a criterion is met."""

    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=MAX_POINTS)
    label = forms.CharField(label=_("Level"), max_length=LABEL_LENGTH, validators=[check_name])


class CriterionForm(forms.Form):
    """One thing that is looked at."""

    title = forms.CharField(label=_("Criterion"), max_length=TITLE_LENGTH, validators=[check_name])


@dataclass(frozen=True)
class TypedLevel:
    """The typed values of a level's two fields."""

    points: str = ""
    label: str = ""


@dataclass(frozen=True)
class TypedCriterion:
    """The typed values of a criterion's fields."""

    title: str = ""
    levels: tuple[TypedLevel, ...] = field(
        default_factory=lambda: (TypedLevel("4"), TypedLevel("2"), TypedLevel("0"))
    )

    @property
    def is_blank(self) -> bool:
        return not self.title.strip() and not any(level.label.strip() for level in self.levels)


@dataclass(frozen=True)
class CriterionRows:
    """A criterion's forms, as the page draws them."""

    form: CriterionForm
    levels: list[LevelForm]


@dataclass(frozen=True)
class RubricEditor:
    """The criteria as they are being typed. Once `checked`, to be saved, the forms show their errors."""

    typed: tuple[TypedCriterion, ...]
    checked: bool = False
    fresh: tuple[int, int] | None = None

    @classmethod
    def of_specs(cls, specs: Sequence[CriterionSpec]) -> RubricEditor:
        """A stored rubric; none at all begins with an empty criterion."""
        typed = [
            TypedCriterion(
                spec.title, tuple(TypedLevel(str(level.points), level.label) for level in spec.levels)
            )
            for spec in specs
        ]
        return cls(tuple(typed) or (TypedCriterion(),))

    @classmethod
    def of_data(cls, data: Mapping[str, str]) -> RubricEditor:
        """What a form sent, to be checked."""
        found: dict[int, set[int]] = {}
        for name in data:
            if match := _NAME.fullmatch(name):
                levels = found.setdefault(int(match[1]), set())
                levels |= {int(match[2])} if match[2] else set()
        typed = [
            TypedCriterion(
                data.get(f"c{c}-title", ""),
                tuple(
                    TypedLevel(data.get(f"c{c}-l{n}-points", ""), data.get(f"c{c}-l{n}-label", ""))
                    for n in sorted(found[c])[: MAX_LEVELS + 1]
                ),
            )
            for c in sorted(found)[: MAX_CRITERIA + 1]
        ]
        return cls(tuple(typed), checked=True)

    def pressed(self, button: str) -> RubricEditor:
        """After a button: add, add-<c>, remove-<c>, remove-<c>-<level>, up-<c>. Criteria count from 0."""
        match = _BUTTON.fullmatch(button)
        typed = list(self.typed)
        verb, c, n = (match[1], match[2], match[3]) if match else ("", None, None)
        at = int(c) if c is not None else len(typed)
        fresh = None
        if verb == "add" and c is None:
            typed = [*typed, TypedCriterion()][:MAX_CRITERIA]
            fresh = (len(typed) - 1, -1)
        elif at >= len(typed):
            pass
        elif verb == "add":
            levels = (*typed[at].levels, TypedLevel())[:MAX_LEVELS]
            typed[at] = replace(typed[at], levels=levels)
            fresh = (at, len(levels) - 1)
        elif verb == "remove" and n is not None:
            kept = [level for i, level in enumerate(typed[at].levels) if i != int(n)]
            typed[at] = replace(typed[at], levels=tuple(kept))
        elif verb == "remove":
            del typed[at]
        elif verb == "up" and at > 0:
            typed[at - 1 : at + 1] = [typed[at], typed[at - 1]]
        return RubricEditor(tuple(typed), fresh=fresh)

    @cached_property
    def criteria(self) -> list[CriterionRows]:
        """The forms; a criterion with nothing in it is not complained about."""
        return [self._rows(c, typed) for c, typed in enumerate(self.typed)]

    def __iter__(self) -> Iterator[forms.Form]:
        # All the forms, for the summary of errors.
        return (form for rows in self.criteria for form in (rows.form, *rows.levels))

    def non_form_errors(self) -> list[str]:
        """What is wrong with the rubric as a whole, as a formset says it."""
        return [str(self._fault.message)] if self._fault and self._fault.criterion is None else []

    def is_valid(self) -> bool:
        """Return whether the rubric can be saved."""
        if self._fault and self._fault.criterion is not None:
            filled = [rows for rows in self.criteria if rows.form.is_bound]
            filled[self._fault.criterion].form.add_error("title", str(self._fault.message))
        return not self._fault and self._is_filled

    @cached_property
    def _is_filled(self) -> bool:
        return all(form.is_valid() for form in self if form.is_bound)

    @cached_property
    def _fault(self) -> RubricFault | None:
        return rubric_fault(self.specs) if self.checked and self._is_filled else None

    @property
    def specs(self) -> list[CriterionSpec]:
        """The rubric, once valid. Blank criteria are left out."""
        return [
            CriterionSpec(
                rows.form.cleaned_data["title"],
                tuple(
                    LevelSpec(level.cleaned_data["points"], level.cleaned_data["label"])
                    for level in rows.levels
                ),
            )
            for rows in self.criteria
            if rows.form.is_bound
        ]

    def _rows(self, c: int, typed: TypedCriterion) -> CriterionRows:
        check = self.checked and not typed.is_blank
        # A row that was added and left empty is no row.
        kept = [level for level in typed.levels if not check or level.points.strip() or level.label.strip()]
        title = CriterionForm(
            {f"c{c}-title": typed.title} if check else None, prefix=f"c{c}", initial={"title": typed.title}
        )
        levels = []
        for n, level in enumerate(kept):
            prefix = f"c{c}-l{n}"
            sent = {f"{prefix}-points": level.points, f"{prefix}-label": level.label}
            now = {"points": level.points, "label": level.label}
            levels.append(LevelForm(sent if check else None, prefix=prefix, initial=now))
        if self.fresh and self.fresh[0] == c:
            new = title.fields["title"] if self.fresh[1] < 0 else levels[self.fresh[1]].fields["points"]
            new.widget.attrs["autofocus"] = True
        return CriterionRows(title, levels)
