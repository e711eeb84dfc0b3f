"""Settings of the users service, all from the environment. Production is the default."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF

from chassis import env, logs, settings, settings_base
from chassis.settings import *  # noqa: F403 - what has one value in every service

SERVICE = "users"

# Previous keys, which signed links and sessions still in use. Remove after 30 days.
SECRET_KEY_FALLBACKS = env.list_of("SECRET_KEY_FALLBACKS")
FIELD_KEYS = env.list_of("FIELD_KEY")
JWKS_LOADER = "users.keys.api.load_jwks"
ACCOUNT_IS_CLOSED = "users.accounts.queries.is_closed"
TOKEN_AUDIENCES = ["users", "study", "notification"]

# Called when an account is about to be closed.
STUDY_URL = env.string("STUDY_URL")

# service:credential, comma separated; and the audiences that each may call.
SERVICE_SECRETS = dict(pair.split(":", 1) for pair in env.secret("SERVICE_SECRETS").split(",") if ":" in pair)
SERVICE_AUDIENCES = {"study": ["users"], "notification": ["users", "study"]}

PEER_BROKER_URLS = {
    "study": env.url("BROKER_URL_STUDY", settings.BROKER_URL),
    "notification": env.url("BROKER_URL_NOTIFICATION", settings.BROKER_URL),
}
CONSUMERS = settings_base.consumers(SERVICE)
SUBSCRIPTIONS = "users.subscriptions.SUBSCRIPTIONS"
CELERY = "users.celery"

INSTALLED_APPS = [
    # Own apps come first, so that their templates override allauth's.
    "users.ratelimit",
    "users.keys",
    "users.accounts",
    "users.emails",
    "users.avatars",
    "users.tokens",
    "users.exports",
    "users.signin",
    "users.profile",
    "users.owners",
    "users.account_deletion",
    "users.invitations",
    "users.docs",
    *settings_base.APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.usersessions",
]
_principal = settings.MIDDLEWARE.index("chassis.web.auth.PrincipalMiddleware")
MIDDLEWARE = [
    *settings.MIDDLEWARE[:_principal],
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before the principal is read: it replaces the request's token cookie.
    "users.signin.pages.cookies.TokenRefreshMiddleware",
    *settings.MIDDLEWARE[_principal:],
    "allauth.account.middleware.AccountMiddleware",
]
SPECTACULAR_SETTINGS = settings_base.openapi(SERVICE)
ROOT_URLCONF = "users.urls"
WSGI_APPLICATION = "users.wsgi.application"
# MySQL lacks allauth's conditional constraints; Account.email is unique instead.
SILENCED_SYSTEM_CHECKS = [*settings.SILENCED_SYSTEM_CHECKS, "models.W036"]

# A section of an export may be 20 MiB (exports/actions.py); the gateway limits its requests further.
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * 1024 * 1024

SESSION_COOKIE_NAME = "users_session"
SESSION_COOKIE_PATH = "/accounts"
SESSION_COOKIE_SECURE = settings.SECURE
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())

AUTH_USER_MODEL = "accounts.Account"
# Without Django's ModelBackend, which has lookup rules of its own.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "users.signin.rules.Argon2id",
    # Read only: old hashes are upgraded at the next sign-in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

# Number of trusted proxies: the gateway, which appends the client's address.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env.number("PROXY_COUNT", 1))
ACCOUNT_ADAPTER = "users.signin.allauth.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
# Without "password1" allauth would offer no passwords at all. SignUpForm removes it: name and password are
# set on the page linked in the confirmation email.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_FORMS = {
    "login": "users.signin.forms.SignInForm",
    "signup": "users.signin.forms.SignUpForm",
    "change_password": "users.signin.forms.ChangePasswordForm",
    "set_password": "users.signin.forms.SetPasswordForm",
    "reset_password": "users.signin.forms.RequestPasswordResetForm",
    "reset_password_from_key": "users.signin.forms.ResetPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# A whole club may sign up from one IP address. Failed sign-ins have their own limits: signin/rules.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": None,
    "signup": "60/m/ip",
    "reset_password": "60/m/ip,5/m/key",
    "reset_password_from_key": "60/m/ip",
    "change_password": "10/m/user",
    "confirm_email": "1/1m/key",
}
CACHES = {
    # Used only for the limits above. In the database, they apply to all processes.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "ratelimit_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# GitHub itself, or an Enterprise Server.
GITHUB_WEB_URL = env.url("GITHUB_WEB_URL", "https://github.com").rstrip("/")
# Where GitHub serves the avatar of an account, by its id.
GITHUB_AVATAR_URL = env.url(
    "GITHUB_AVATAR_URL",
    "https://avatars.githubusercontent.com/u"
    if GITHUB_WEB_URL == "https://github.com"
    else f"{GITHUB_WEB_URL}/avatars/u",
).rstrip("/")
GITHUB_CLIENT_ID = env.string("GITHUB_CLIENT_ID", "")
SOCIALACCOUNT_ADAPTER = "users.signin.allauth.github.GitHubAdapter"
SOCIALACCOUNT_FORMS = {"signup": "users.signin.forms.GitHubSignUpForm"}
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "github": {
        "APPS": [{"client_id": GITHUB_CLIENT_ID, "secret": env.string("GITHUB_CLIENT_SECRET"), "key": ""}]
        if GITHUB_CLIENT_ID
        else [],
        "OAUTH_PKCE_ENABLED": True,
        # allauth takes the API from below it, unless it is GitHub itself.
        **({} if GITHUB_WEB_URL == "https://github.com" else {"GITHUB_URL": GITHUB_WEB_URL}),
    }
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **settings_base.CSP_DIRECTIVES,
        # The form of "Continue with GitHub" redirects there.
        "form-action": [SELF, GITHUB_WEB_URL],
    }
}

vars().update(settings_base.mail())
DEFAULT_FROM_EMAIL = env.string("MAIL_FROM", f"Seodang <no-reply@{urlsplit(settings.PUBLIC_URL).hostname}>")

STATIC_URL = f"/static/{SERVICE}/"

logs.configure(SERVICE)
