"""Forms of an owner, and of the first one."""

from __future__ import annotations

import hmac
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.accounts.models import Account
from users.accounts.rules import normalise_email
from users.signin.forms import NameField, NewPasswordField

MAX_CODE_LENGTH = 40


class OwnerForm(forms.Form):
    email = forms.EmailField(
        max_length=254, label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    name = NameField()
    password = NewPasswordField(_("Password"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The password validators compare the password with it.
        self.account = Account()
        self.fields["password"].user = self.account  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        self.account.email = normalise_email(self.cleaned_data["email"])
        return self.account.email

    def clean_name(self) -> str:
        self.account.name = str(self.cleaned_data["name"])
        return self.account.name


class FirstOwnerForm(OwnerForm):
    code = forms.CharField(
        max_length=MAX_CODE_LENGTH,
        label=_("Set-up code"),
        help_text=_("The log of this installation prints it when it starts."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["code", "email", "name", "password"]

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_code(self) -> str:
        """Compare the code, ignoring case, hyphens and spaces."""
        code: str = self.cleaned_data["code"]
        if not hmac.compare_digest(_normalise_code(code), _normalise_code(self.expected)):
            raise forms.ValidationError(_("This is not the code."))
        return code


def _normalise_code(code: str) -> bytes:
    return "".join(code.upper().replace("-", "").split()).encode()
