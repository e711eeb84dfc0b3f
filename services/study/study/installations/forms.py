"""Forms of the owner: the organization of the App, and its credentials."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey


class OrganizationForm(forms.Form):
    """The organization that is to own the App; empty for the owner's own account."""

    organization = forms.CharField(
        label=_("Organization on GitHub"),
        help_text=_(
            "The App can then be installed in this organization alone. You must be one of its owners."
        ),
        max_length=39,
        required=False,
        validators=[RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9-]*\Z", _("The name in its address on GitHub."))],
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )


def _secret(**more: Any) -> dict[str, Any]:
    return {"attrs": {"autocomplete": "off", "spellcheck": "false", **more}}


class CredentialsForm(forms.Form):
    """New credentials, made on GitHub's page of the App. They are not shown again."""

    client_secret = forms.CharField(
        label=_("New client secret"), max_length=255, required=False, widget=forms.PasswordInput(**_secret())
    )
    private_key = forms.CharField(
        label=_("New private key"),
        help_text=_("The whole .pem file that GitHub lets you download."),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(**_secret(rows=3)),
    )
    webhook_secret = forms.CharField(
        label=_("New webhook secret"),
        help_text=_("The one before stays valid for 24 hours."),
        max_length=255,
        required=False,
        widget=forms.PasswordInput(**_secret()),
    )

    def clean_private_key(self) -> str:
        key = str(self.cleaned_data["private_key"])
        if key:
            try:
                is_private = RSAKey.import_key(key).is_private
            except (JoseError, ValueError, TypeError):
                is_private = False
            if not is_private:
                raise forms.ValidationError(_("This is no private RSA key in PEM format."))
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Enter at least one."))
        return cleaned
