"""Settings of the notification service, all from the environment. Production is the default."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from chassis import env, logs, settings_base

SERVICE = "notification"
DEBUG = env.boolean("DEBUG")
PUBLIC_URL = settings_base.public_url()
SECURE = PUBLIC_URL.startswith("https://")

SECRET_KEY = env.secret("SECRET_KEY")
# Encrypts only stored responses of requests with an idempotency key, for as long as a repeat may come.
# Derived from SECRET_KEY: a separate key would be one more secret to manage.
FIELD_KEYS = [urlsafe_b64encode(sha256(SECRET_KEY.encode()).digest()).decode()]
# Earlier keys. Unsubscribe links in old emails are signed with them.
SECRET_KEY_FALLBACKS = env.list_of("SECRET_KEY_FALLBACKS")
SERVICE_SECRET = env.secret("SERVICE_SECRET")
USERS_URL = env.url("USERS_URL")
STUDY_URL = env.url("STUDY_URL")
JWKS_LOADER = "chassis.web.jwks.fetch_over_http"
ACCOUNT_IS_CLOSED = "chassis.account_mirror.queries.is_closed"
EXPORT_PERSONAL_DATA = "notification.personal_data.queries.export_personal_data"
DELETE_PERSONAL_DATA = "notification.personal_data.actions.delete_personal_data"
# Lists from which `rebuild_mirrors` fetches: the service, and the function that gets each row.
MIRRORS = {
    "accounts": ("users", "notification.mirrors.handlers.upsert_account_with_contact"),
    "cohorts": ("study", "notification.mirrors.handlers.upsert_cohort"),
    "memberships": ("study", "notification.mirrors.handlers.upsert_membership"),
}
TOKEN_COOKIE = "__Host-seodang" if SECURE else "seodang"

DATABASES = {"default": env.database()}
BROKER_URL = env.url("BROKER_URL")
BROKER_TLS = env.tls_files("BROKER_SSL")
PEER_BROKER_URLS = {
    "users": env.url("BROKER_URL_USERS", BROKER_URL),
    "study": env.url("BROKER_URL_STUDY", BROKER_URL),
}
CONSUMERS = settings_base.consumers(SERVICE)
SUBSCRIPTIONS = "notification.subscriptions.SUBSCRIPTIONS"
EVENT_TRIES = 5
CELERY = "notification.celery"
# Factor by which periodic jobs run more often, at most every 5 s. For tests.
SCHEDULE_SCALE = env.number("SCHEDULE_SCALE", 1)
RELAY_POLL = env.number("RELAY_POLL", 0.2)
RELAY_MAX_WAIT = env.number("RELAY_MAX_WAIT", 60)
METRICS_PORT = env.optional_port("METRICS_PORT")
GAUGES = settings_base.GAUGES | {
    "seodang_waiting_deliveries": "notification.delivery.queries.count_waiting",
    "seodang_failed_deliveries": "notification.delivery.queries.count_failed",
}

INSTALLED_APPS = [
    *settings_base.APPS,
    *settings_base.ACCOUNT_APPS,
    "notification.mirrors",
    "notification.inbox",
    "notification.preferences",
    "notification.delivery",
    "notification.event_handlers",
    "notification.personal_data",
]
MIDDLEWARE = settings_base.MIDDLEWARE
TEMPLATES = settings_base.templates()
REST_FRAMEWORK = settings_base.REST_FRAMEWORK
SPECTACULAR_SETTINGS = settings_base.openapi(SERVICE)
CONTENT_SECURITY_POLICY = {"DIRECTIVES": settings_base.CSP_DIRECTIVES}
ROOT_URLCONF = "notification.urls"
WSGI_APPLICATION = "notification.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The gateway terminates TLS and redirects to HTTPS; HSTS for subdomains and preloading are optional.
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

vars().update(settings_base.mail())
DEFAULT_FROM_EMAIL = env.string("MAIL_FROM", f"Seodang <no-reply@{urlsplit(PUBLIC_URL).hostname}>")

LANGUAGES = settings_base.LANGUAGES
LANGUAGE_CODE = settings_base.LANGUAGE_CODE
TIME_ZONE = settings_base.TIME_ZONE
USE_TZ = True

STATIC_URL = f"/static/{SERVICE}/"
STATIC_ROOT = env.string("STATIC_ROOT", "")
STORAGES = settings_base.STORAGES

LOGGING_CONFIG = None
logs.configure(SERVICE)
