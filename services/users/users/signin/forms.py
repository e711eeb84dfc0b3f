"""Forms of sign-in, sign-up and passwords."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.socialaccount import forms as social
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from users.accounts.models import Account
from users.accounts.rules import MAX_NAME_LENGTH, normalise_email, normalise_name

MAX_PASSWORD_LENGTH = 1024
# Without a password, sensitive actions require a sign-in of this browser within this time.
RECENT_SECONDS = 600
PASSWORD_HELP = _(
    "At least 8 characters. A few words that you remember are best; signs and capitals are not asked for."
)


def _label(field: forms.Field, label: Any, help_text: Any = "") -> None:
    """Set label and help text of an allauth field, and remove its placeholder."""
    field.label, field.help_text = label, help_text
    del field.widget.attrs["placeholder"]


class NameField(forms.CharField):
    """The name of an account."""

    def __init__(self) -> None:
        super().__init__(
            max_length=MAX_NAME_LENGTH,
            label=_("Name"),
            help_text=_("As your club knows you. Members of your cohorts see it."),
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
            validators=[check_name],
        )

    def clean(self, value: Any) -> str:
        name = normalise_name(super().clean(value))
        if not name:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return name


class PasswordField(forms.CharField):
    """The current password of an account."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            strip=False,
            max_length=MAX_PASSWORD_LENGTH,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )


class NewPasswordField(allauth.SetPasswordField):  # type: ignore[misc] # allauth carries no types
    """A password to be set, validated for the field's `user`."""

    def __init__(self, label: Any) -> None:
        super().__init__(label=label, help_text=PASSWORD_HELP, max_length=MAX_PASSWORD_LENGTH)
        del self.widget.attrs["placeholder"]


class SignInForm(allauth.LoginForm):  # type: ignore[misc]
    password = PasswordField(_("Password"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.fields["login"], _("Email"))
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignUpForm(allauth.SignupForm):  # type: ignore[misc]
    """Asks for the address only. Name and password are set on the page linked in the confirmation email."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password1"]
        _label(self.fields["email"], _("Email"), _("We send an email there, to see that it is yours."))

    def try_save(self, request: HttpRequest) -> Any:
        """Save as allauth does; an unconfirmed account is sent its link again."""
        if self.account_already_exists and (
            unconfirmed := Account.objects.filter(email=self.cleaned_data["email"], confirmed_at=None).first()
        ):
            return unconfirmed, None
        return super().try_save(request)


class ConfirmEmailForm(forms.Form):
    """Name and password for a confirmed address; no password for an account created with GitHub."""

    name = NameField()
    password1 = NewPasswordField(_("Password"))

    def __init__(self, *args: Any, account: Account, with_github: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        if with_github:
            self.fields["name"].initial = account.name
            del self.fields["password1"]
        else:
            self.fields["password1"].user = account  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        # The password validators compare the password with it.
        self.account.name = str(self.cleaned_data["name"])
        return self.account.name


class GitHubSignUpForm(social.SignupForm):  # type: ignore[misc]
    name = NameField()
    field_order = ["email", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.sociallogin.user.name
        _label(self.fields["email"], _("Email"), _("We send an email there, to see that it is yours."))
        self.fields.pop("password1", None)


class ChangePasswordForm(allauth.ChangePasswordForm):  # type: ignore[misc]
    oldpassword = PasswordField(_("Current password"))
    password1 = NewPasswordField(_("New password"))
    password2 = None
    revoke_tokens = forms.BooleanField(
        required=False,
        label=_("Revoke my access tokens as well"),
        help_text=_("Choose it if somebody else may have known your password."),
    )


class SetPasswordForm(allauth.SetPasswordForm):  # type: ignore[misc]
    password1 = NewPasswordField(_("Password"))
    password2 = None


class RequestPasswordResetForm(allauth.ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.fields["email"], _("Email"))


class ResetPasswordForm(allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    password1 = NewPasswordField(_("New password"))
    password2 = None


class ReauthenticationForm(forms.Form):
    """Asks for the password before a sensitive action; without a password, requires a recent sign-in."""

    password = PasswordField(_("Your password"))

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if request.user.is_anonymous or not request.user.has_usable_password():
            del self.fields["password"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" not in self.fields:
            signed_in = get_authentication_records(self.request, self.request.user)
            if not signed_in or time.time() - signed_in[-1]["at"] > RECENT_SECONDS:
                raise forms.ValidationError(
                    _("Sign out, sign in with GitHub, and come back here within 10 minutes.")
                )
        elif cleaned.get("password") and not get_adapter(self.request).reauthenticate(
            self.request.user, cleaned["password"]
        ):
            raise get_adapter(self.request).validation_error("incorrect_password")
        return cleaned


class EmailChangeForm(ReauthenticationForm):
    email = forms.EmailField(
        label=_("New email"),
        max_length=254,
        help_text=_("We send an email there. Until you confirm it, nothing changes."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ["email", "password"]

    def clean_email(self) -> str:
        return normalise_email(self.cleaned_data["email"])
