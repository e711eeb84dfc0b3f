"""Form of the first owner."""

from __future__ import annotations

import hmac
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from users.accounts.models import Account
from users.accounts.rules import normalise_email
from users.signin.forms import NameField, NewPasswordField


class FirstOwnerForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        label=_("Set-up code"),
        help_text=_("The log of this installation prints it when it starts."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        max_length=254, label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    name = NameField()
    password = NewPasswordField(_("Password"))

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_code(self) -> str:
        """Compare the code, ignoring case, hyphens and spaces."""
        code: str = self.cleaned_data["code"]
        if not hmac.compare_digest(_normalise_code(code), _normalise_code(self.expected)):
            raise forms.ValidationError(_("This is not the code."))
        return code

    def clean_email(self) -> str:
        return normalise_email(self.cleaned_data["email"])

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        if password := cleaned.get("password"):
            account = Account(email=cleaned.get("email"), name=cleaned.get("name", ""))
            try:
                validate_password(password, account)
            except forms.ValidationError as error:
                self.add_error("password", error)


def _normalise_code(code: str) -> bytes:
    return "".join(code.upper().replace("-", "").split()).encode()
