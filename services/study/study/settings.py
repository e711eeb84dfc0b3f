"""Settings of the study service, all from the environment. Defaults are for production."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from chassis import env, logs, settings_base

SERVICE = "study"
DEBUG = env.boolean("DEBUG")
PUBLIC_URL = settings_base.public_url()
SECURE = PUBLIC_URL.startswith("https://")

SECRET_KEY = env.secret("SECRET_KEY")
FIELD_KEYS = env.list_of("FIELD_KEY")
SERVICE_SECRET = env.secret("SERVICE_SECRET")
USERS_URL = env.url("USERS_URL")
JWKS_LOADER = "chassis.web.jwks.fetch_over_http"
ACCOUNT_IS_CLOSED = "chassis.account_mirror.queries.is_closed"
EXPORT_PERSONAL_DATA = "study.personal_data.queries.export_personal_data"
DELETE_PERSONAL_DATA = "study.personal_data.actions.delete_personal_data"
# Lists from which `rebuild_mirrors` fetches: the service, and the function that gets each row.
MIRRORS = {"accounts": ("users", "chassis.personal_data.handlers.upsert_account")}
TOKEN_COOKIE = "__Host-seodang" if SECURE else "seodang"

GITHUB_API_URL = env.string("GITHUB_API_URL", "https://api.github.com")
GITHUB_TOKEN = env.string("GITHUB_TOKEN", "")
PULL_REQUEST_SUBSCRIBER = "study.submissions.actions.sync.take_over_pull_request"

DATABASES = {"default": env.database()}
BROKER_URL = env.url("BROKER_URL")
BROKER_TLS = env.tls_files("BROKER_SSL")
PEER_BROKER_URLS = {
    "users": env.url("BROKER_URL_USERS", BROKER_URL),
    "notification": env.url("BROKER_URL_NOTIFICATION", BROKER_URL),
}
CONSUMERS = settings_base.consumers(SERVICE)
SUBSCRIPTIONS = "study.subscriptions.SUBSCRIPTIONS"
EVENT_TRIES = 5
CELERY = "study.celery"
# Divides the intervals of periodic jobs, to at least 5 s. For tests.
SCHEDULE_SCALE = env.number("SCHEDULE_SCALE", 1)
RELAY_POLL = env.number("RELAY_POLL", 0.2)
RELAY_MAX_WAIT = env.number("RELAY_MAX_WAIT", 60)
METRICS_PORT = env.optional_port("METRICS_PORT")
GAUGES = settings_base.GAUGES

INSTALLED_APPS = [
    *settings_base.APPS,
    *settings_base.ACCOUNT_APPS,
    "study.cohorts",
    "study.memberships",
    "study.github",
    "study.missions",
    "study.submissions",
    "study.reviews",
    "study.announcements",
    "study.home",
    "study.personal_data",
]
MIDDLEWARE = settings_base.MIDDLEWARE
TEMPLATES = settings_base.templates(
    "chassis.account_mirror.templatetags.people", "study.submissions.templatetags.states"
)
REST_FRAMEWORK = settings_base.REST_FRAMEWORK
SPECTACULAR_SETTINGS = settings_base.openapi(SERVICE) | {
    "ENUM_NAME_OVERRIDES": {
        "MissionState": "study.missions.rules.deadlines.STATES",
        "InvitationState": ["open", "withdrawn", "over", "used_up"],
        "SubmissionState": "study.submissions.models.State",
    }
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": settings_base.CSP_DIRECTIVES}
ROOT_URLCONF = "study.urls"
WSGI_APPLICATION = "study.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The gateway terminates TLS and redirects to it; HSTS for subdomains and preload are the operator's choice.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

ALLOWED_HOSTS = [str(urlsplit(PUBLIC_URL).hostname), *env.list_of("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *env.list_of("TRUSTED_ORIGINS")]
CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_SECURE = SECURE
CSRF_FAILURE_VIEW = "chassis.web.problems.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "chassis.web.messages.ServiceCookieStorage"

LANGUAGES = settings_base.LANGUAGES
LANGUAGE_CODE = settings_base.LANGUAGE_CODE
TIME_ZONE = settings_base.TIME_ZONE
USE_TZ = True

STATIC_URL = f"/static/{SERVICE}/"
STATIC_ROOT = env.string("STATIC_ROOT", "")
STORAGES = settings_base.STORAGES

LOGGING_CONFIG = None
logs.configure(SERVICE)
