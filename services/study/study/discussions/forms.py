"""What a page of changed files is asked for."""

from __future__ import annotations

from typing import Any

from django import forms


class FilesForm(forms.Form):
    """Which attempt's files (the newest unless given), and the number of the first one to show."""

    attempt = forms.IntegerField(required=False, min_value=1, max_value=30_000)
    file = forms.IntegerField(required=False, min_value=1, max_value=1000)

    def chosen(self) -> dict[str, Any]:
        """Return the values, or those of a page without parameters if one is invalid."""
        data = self.cleaned_data if self.is_valid() else {}
        return {"attempt": data.get("attempt"), "file": data.get("file") or 1}
