"""Form of the profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from users.accounts.rules import time_zones
from users.signin.forms import NameField


class ProfileForm(forms.Form):
    name = NameField()
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Pages and emails show times as your clock does.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in time_zones()]  # type: ignore[attr-defined]
