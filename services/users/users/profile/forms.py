"""Form of the profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from users.accounts.rules import MAX_NAME_LENGTH, normalise_name, time_zones


class ProfileForm(forms.Form):
    name = forms.CharField(
        max_length=MAX_NAME_LENGTH,
        label=_("Name"),
        help_text=_("As your club knows you. Members of your cohorts see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        validators=[check_name],
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Pages and emails show times as your clock does.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in time_zones()]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = normalise_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(self.fields["name"].error_messages["required"], code="required")
        return name
