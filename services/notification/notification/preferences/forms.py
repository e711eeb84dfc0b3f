"""The matrix of kinds and channels as a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from notification.preferences.queries import Choice


class PreferencesForm(forms.Form):
    """A tick for every cell, named kind.channel."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells = [(choice.kind, choice.channel) for choice in choices]
        for choice in choices:
            self.fields[f"{choice.kind}.{choice.channel}"] = forms.BooleanField(
                required=False, initial=choice.on, label=str(choice.label)
            )

    def chosen(self) -> dict[tuple[str, str], bool]:
        """(kind, channel) → on. Only of a valid form."""
        return {(kind, channel): self.cleaned_data[f"{kind}.{channel}"] for kind, channel in self.cells}
