"""allauth account adapter: rate limits, audit log, emails and tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import consume
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from users.accounts.actions.audit import record_audit
from users.accounts.actions.registration import register
from users.accounts.models import Account, AuditKind
from users.accounts.request_meta import client_info
from users.accounts.rules import normalise_email
from users.ratelimit import actions as ratelimit
from users.ratelimit.rules import Limit
from users.signin.allauth import emails
from users.signin.pages import cookies
from users.signin.rules import dummy_limit, redirect_path, sign_in_limits

# The form shows the attempts left from this number down.
WARN_WHEN_LEFT = 4


def _record(request: HttpRequest, account_id: UUID, kind: AuditKind) -> None:
    record_audit(account_id=account_id, kind=kind, client=client_info(request), at=timezone.now())


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """One instance per form: `limits` and `left` are its state."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The email or the password is not right."),
        "too_many_login_attempts": _("Too many attempts. Try again in 15 minutes, or reset your password."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
        "rate_limited": _("Too many requests. Try again in a few minutes."),
    }

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.limits: list[Limit] = []
        self.left: int | None = None

    # Sign-in.

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is checked."""
        email, address = normalise_email(credentials.get("email", "")), client_info(request).address
        device = cookies.known_device_id(request, email)
        self.limits = sign_in_limits(email=email, address=address, known_device_id=device)
        try:
            self.left = ratelimit.count_attempt(limits=self.limits, at=timezone.now())
        except ratelimit.TooManyAttempts as error:
            if account := Account.objects.active().filter(email=email).first():
                _record(request, account.id, AuditKind.SIGN_IN_BLOCKED)
            raise ValidationError(str(error), code=error.code, params=error.details) from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        """Authenticate; an attempt that succeeds does not count."""
        user: Account | None = super().authenticate(request, **credentials)
        if user:
            ratelimit.refund(limits=self.limits)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong password in the audit log; without an account, take as long."""
        email = normalise_email(credentials.get("email", ""))
        if account := Account.objects.active().filter(email=email).first():
            _record(request, account.id, AuditKind.SIGN_IN_FAILED)
        else:
            limit = dummy_limit(client_info(request).address)
            ratelimit.count_attempt(limits=[limit], at=timezone.now())

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Return the error, with the attempts left if few; the same for known and unknown addresses."""
        error: ValidationError = super().validation_error(code, *args)
        if code == "email_password_mismatch" and self.left is not None and self.left <= WARN_WHEN_LEFT:
            left = ngettext(
                "%(left)d more attempt, then a pause of 15 minutes.",
                "%(left)d more attempts, then a pause of 15 minutes.",
                self.left,
            ) % {"left": self.left}
            return ValidationError(f"{error.message} {left}", code=code)
        return error

    def login(self, request: HttpRequest, user: Account) -> None:
        super().login(request, user)
        _record(request, user.id, AuditKind.SIGNED_IN)

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        """Set the token cookie for all services, and remember this browser."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        cookies.set_token_cookie(response, user, at=timezone.now())
        cookies.remember_device(request, response, user.email or "")
        return response

    def logout(self, request: HttpRequest) -> None:
        account_id = getattr(request.user, "id", None)
        super().logout(request)
        if account_id:
            _record(request, account_id, AuditKind.SIGNED_OUT)

    def is_safe_url(self, url: str) -> bool:
        """Return True for paths of this site only."""
        return bool(url) and redirect_path(url) == url

    # Sign-up.

    def save_user(self, request: HttpRequest, user: Account, form: BaseForm, commit: bool = True) -> Account:  # noqa: FBT001, FBT002 - allauth's signature
        """Register the account with its address, and its name from GitHub. allauth adds the EmailAddress."""
        user.email, user.name = form.cleaned_data["email"], form.cleaned_data.get("name", "")
        user.language = translation.get_language()
        user.set_unusable_password()
        if commit:
            try:
                register(account=user, client=client_info(request), at=timezone.now())
            except IntegrityError:
                # A concurrent sign-up with the same address: answer as if this one had succeeded.
                raise ImmediateHttpResponse(self.respond_email_verification_sent(request, None)) from None
        return user

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Return the confirmation link with the `next` path, so that it also works in another browser."""
        url: str = super().get_email_confirmation_url(request, emailconfirmation)
        next_url = get_next_redirect_url(request)
        return f"{url}?{urlencode({'next': next_url})}" if next_url else url

    # Passwords.

    def set_password(self, user: Account, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])

    # Emails.

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        emails.enqueue_email(template_prefix, email, context)

    def send_password_reset_mail(self, user: Account, email: str, context: dict[str, Any]) -> None:
        """Send a reset email; to an unconfirmed account, the confirmation email, which sets a password."""
        if user.confirmed_at:
            super().send_password_reset_mail(user, email, context)
        elif consume(self.request, action="confirm_email", key=email.lower()):
            EmailAddress.objects.get_for_user(user, email).send_confirmation(self.request)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Account,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Send an email about a security change, and record it in the audit log."""
        if kind := emails.EMAIL_TEMPLATES[template_prefix].audit_kind:
            _record(self.request, user.pk, kind)
        super().send_notification_mail(template_prefix, user, context, email)
