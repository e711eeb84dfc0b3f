"""The rubric's editor, whose rows the server adds and removes, keeping what was typed; and sharing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from study.missions.models import Mission
from study.missions.rules.rubric import (
    LABEL_LENGTH,
    MAX_CRITERIA,
    MAX_LEVELS,
    MAX_POINTS,
    TITLE_LENGTH,
    rubric_fault,
)

NEW_CRITERION: dict[str, Any] = {"title": "", "levels": [{"points": 4}, {"points": 2}, {"points": 0}]}


# Changed points are added up anew. "total" is a button that the page does not have.
_SHOW_TOTAL = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-vals": '{"rubric": "total"}',
    "hx-target": "#rubric-total",
    "hx-select": "#rubric-total",
    # The form itself may be on its way, with this key.
    "hx-params": "not idempotency_key",
}


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


class RowForm(forms.Form):
    """A row of a formset. The one that was just added or moved takes the focus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("has_focus"):
            next(iter(self.fields.values())).widget.attrs["autofocus"] = True


class LineField(forms.CharField):
    """A text of one line, in a box that wraps it, as a narrow cell needs."""

    widget = forms.Textarea(attrs={"rows": 2})

    def to_python(self, value: Any) -> str:
        """Make spaces of line breaks, which the box lets type."""
        return re.sub(r"\s*[\r\n]+\s*", " ", super().to_python(value) or "")


class LevelForm(RowForm):
    """Points for how well a criterion is met. Its fields are named by their place in the table."""

    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=MAX_POINTS)
    label = LineField(label=_("Level"), max_length=LABEL_LENGTH, validators=[check_name])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(numbers := re.findall(r"\d+", str(self.prefix))) == 2:
            place = {"number": int(numbers[0]) + 1, "level": int(numbers[1]) + 1}
            self.fields["points"].widget.attrs |= _SHOW_TOTAL
            self.fields["points"].label = _("Criterion %(number)s, level %(level)s: points") % place
            self.fields["label"].label = _("Criterion %(number)s, level %(level)s") % place


class BaseRowFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """A formset that leaves out blank rows."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Permit every row to be blank, also one that was shown with a value."""
        return {**super().get_form_kwargs(index), "empty_permitted": True}

    @property
    def rows(self) -> list[Any]:
        """The data of the rows that are not blank, once all are valid."""
        return [row for row in self.cleaned_data if row]


LevelFormSet: type[BaseRowFormSet] = forms.formset_factory(  # type: ignore[assignment]
    LevelForm, formset=BaseRowFormSet, extra=0, max_num=MAX_LEVELS, absolute_max=MAX_LEVELS + 1
)


class CriterionForm(RowForm):
    """One thing that is looked at, and the formset of its levels. Its data is a CriterionData."""

    title = LineField(label=_("Criterion"), max_length=TITLE_LENGTH, validators=[check_name])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if numbers := re.findall(r"\d+", str(self.prefix)):
            self.fields["title"].label = _("Criterion %(number)s") % {"number": int(numbers[0]) + 1}
        self.levels = LevelFormSet(
            self.data if self.is_bound else None,
            prefix=f"{self.prefix}-levels",
            initial=self.initial.get("levels"),
        )

    def has_changed(self) -> bool:
        """Return False if the criterion is blank: it has no title, and none of its levels has a label."""
        return super().has_changed() or any("label" in level.changed_data for level in self.levels)

    def is_valid(self) -> bool:
        """Return whether the criterion is blank, or it and its levels are valid."""
        return super().is_valid() and (self.levels.is_valid() or not self.has_changed())

    def clean(self) -> None:
        """Add the levels, and what is wrong with them together at the title."""
        if self.levels.is_valid():
            self.cleaned_data["levels"] = self.levels.rows
            if fault := rubric_fault([{"title": "", "levels": self.levels.rows}]):
                self.add_error("title", str(fault))


class BaseRubricFormSet(BaseRowFormSet):
    """The criteria of a rubric. Its rows are the rubric."""

    @classmethod
    def get_default_prefix(cls) -> str:
        return "criteria"

    def __iter__(self) -> Iterator[forms.Form]:
        """Return the forms of criteria and of their levels, for the summary of errors."""
        return (form for criterion in self.forms for form in (criterion, *criterion.levels))

    @property
    def columns(self) -> range:
        """Return the numbers of the table's columns of levels, from 1."""
        return range(1, max((len(criterion.levels.forms) for criterion in self.forms), default=0) + 1)

    @property
    def table(self) -> list[tuple[forms.Form, int]]:
        """Return the criteria, and how many columns their levels leave to the buttons of the row."""
        columns = len(self.columns) + 1
        return [(criterion, columns - len(criterion.levels.forms)) for criterion in self.forms]

    @property
    def total(self) -> int:
        """Return the most points that the rubric gives, of what was typed so far."""
        return sum(
            max((_number(level["points"].value()) for level in criterion.levels), default=0)
            for criterion in self.forms
        )

    def clean(self) -> None:
        """Check the number of criteria."""
        if self.is_valid() and (fault := rubric_fault(self.rows)):
            raise ValidationError(str(fault))


RubricFormSet: type[BaseRubricFormSet] = forms.formset_factory(  # type: ignore[assignment]
    CriterionForm, formset=BaseRubricFormSet, extra=0, max_num=MAX_CRITERIA, absolute_max=MAX_CRITERIA + 1
)


def edit_rubric(data: Mapping[str, str], button: str) -> BaseRubricFormSet:
    """Return the editor, unbound, with what was typed, after a button was pressed.

    Buttons are add, add-<criterion>, remove-<criterion>, remove-<criterion>-<level>, up-<criterion> and
    down-<criterion>, which count from 0. One that does not exist changes nothing. What was added or moved
    takes the focus, else what is now where something was removed.
    """
    criteria = [
        {
            "title": criterion["title"].value(),
            "levels": [{name: level[name].value() for name in level.fields} for level in criterion.levels],
        }
        for criterion in RubricFormSet(data).forms
    ]
    verb, *numbers = button.split("-")
    try:
        match verb, [int(number) for number in numbers]:
            case "add", [] if len(criteria) < MAX_CRITERIA:
                criteria.append({**NEW_CRITERION, "has_focus": True})
            case "add", [c] if len(criteria[c]["levels"]) < MAX_LEVELS:
                criteria[c]["levels"].append({"has_focus": True})
            case "remove", [c]:
                del criteria[c]
                _focus(criteria, c)
            case "remove", [c, n]:
                del criteria[c]["levels"][n]
                _focus(criteria[c]["levels"], n)
            case "up", [c] if c > 0:
                criteria.insert(c - 1, criteria.pop(c))
                _focus(criteria, c - 1)
            case "down", [c] if c < len(criteria) - 1:
                criteria.insert(c + 1, criteria.pop(c))
                _focus(criteria, c + 1)
    except (ValueError, IndexError):
        # A button that this page does not have.
        pass
    return RubricFormSet(initial=criteria)


def _focus(rows: list[dict[str, Any]], index: int) -> None:
    """Let a row take the focus, the last one if there are fewer."""
    if rows:
        rows[min(index, len(rows) - 1)]["has_focus"] = True


def _number(typed: Any) -> int:
    """Return typed points; 0 for what is none."""
    text = str(typed).strip()
    return int(text) if text.isdecimal() and len(text) <= len(str(MAX_POINTS)) else 0
