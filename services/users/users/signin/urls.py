"""URLs of sign-in under /accounts/. Names that start with account_ or socialaccount_ are allauth's."""

from __future__ import annotations

from allauth.account import views
from django.urls import path, re_path
from django.views.generic import TemplateView

from users.signin.pages import email_change, github, login, renew, security

urlpatterns = [
    path("login/", login.SignIn.as_view(), name="account_login"),
    path("logout/", login.SignOut.as_view(), name="account_logout"),
    path("signup/", login.SignUp.as_view(), name="account_signup"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", login.ConfirmEmail.as_view(), name="account_confirm_email"),
    path("password/change/", login.ChangePassword.as_view(), name="account_change_password"),
    path("password/set/", login.SetPassword.as_view(), name="account_set_password"),
    path("password/reset/", login.RequestPasswordReset.as_view(), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        login.PasswordReset.as_view(),
        name="account_reset_password_from_key",
    ),
    path("github/login/", github.start, name="github_login"),
    path("github/login/callback/", github.back, name="github_callback"),
    path("github/cancelled/", github.cancelled, name="socialaccount_login_cancelled"),
    path("github/signup/", github.SignUp.as_view(), name="socialaccount_signup"),
    path("github/unlink/", github.unlink, name="github_unlink"),
    path("email/", email_change.change, name="change_email"),
    path("email/<str:link>/", email_change.confirm, name="confirm_email_change"),
    path("security/", security.security, name="security"),
    path("security/sessions/<int:session_id>/end/", security.end_session, name="end_session"),
    path("security/sessions/end-others/", security.end_others, name="end_other_sessions"),
    path("security/sessions/end-all/", security.end_all, name="end_all_sessions"),
    path("renew", renew.renew, name="renew"),
    # For signing in in a second tab.
    path("signed-in/", TemplateView.as_view(template_name="signin/signed_in.html"), name="sign_in_complete"),
]
