"""What members will see of a mission that is being written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from study.missions.forms.mission import BODY_LENGTH, MissionForm
from study.missions.rules.markdown import render_markdown


class MissionPreview:
    """The fields of a mission's form as its page shows them, also of a form with errors."""

    def __init__(self, form: MissionForm, *, request: str = "") -> None:
        """Create it for a `request`: "show" by the button, "asked" after it, and "live" or "" without it."""
        self._form = form
        # A narrow page shows it once somebody has asked for it, and says so.
        self.is_asked = request in {"show", "asked"}
        self.is_announced = request == "show"

    @property
    def title(self) -> str:
        return str(self._value("title") or "").strip()

    @property
    def body(self) -> SafeString:
        """Return the description as HTML."""
        return render_markdown(str(self._value("body") or "")[:BODY_LENGTH])

    @property
    def week(self) -> str:
        return self._chosen("week_id")

    @property
    def audience(self) -> str:
        """Return the name of the team, or else of the part or "everyone"."""
        return self._chosen("team_id" if self._value("team_id") else "part_id")

    @property
    def due_at(self) -> datetime | None:
        """Return the deadline, or None if none was typed, or nothing that is one."""
        try:
            due_at: datetime | None = self._form.fields["due_at"].clean(self._value("due_at"))
        except ValidationError:
            return None
        return due_at

    def _value(self, name: str) -> Any:
        return self._form[name].value()

    def _chosen(self, name: str) -> str:
        """Return the label of a choice; "" for a value that is none."""
        chosen = str(self._value(name) or "")
        choices: Any = self._form.fields[name].choices  # type: ignore[attr-defined]
        return str(next((label for value, label in choices if str(value) == chosen), ""))
