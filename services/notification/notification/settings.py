"""Settings of the notification service, all from the environment. Production is the default."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlsplit

from chassis import env, logs, settings, settings_base
from chassis.settings import *  # noqa: F403 - what has one value in every service

SERVICE = "notification"

# Encrypts the key and addresses of push messages and chat webhooks. Without one there are neither.
FIELD_KEY = env.optional_list_of("FIELD_KEY")
# The last key, derived from SECRET_KEY, is for stored responses of requests with an idempotency key: they are
# stored without FIELD_KEY, too, for as long as a repeat may come.
FIELD_KEYS = [*FIELD_KEY, urlsafe_b64encode(sha256(settings.SECRET_KEY.encode()).digest()).decode()]
# Hosts (host or host:port) of one's own that push messages and chat webhooks may be sent to, although their
# addresses are private.
OUTGOING_ALLOWED_HOSTS = [host.lower() for host in env.list_of("OUTGOING_ALLOWED_HOSTS")]
# Hours of the reader's day in which nothing is sent outside the inbox, unless the reader chose others.
QUIET_HOURS = env.hours("QUIET_HOURS", "23:00-08:00")
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

PEER_BROKER_URLS = {
    "users": env.url("BROKER_URL_USERS", settings.BROKER_URL),
    "study": env.url("BROKER_URL_STUDY", settings.BROKER_URL),
}
CONSUMERS = settings_base.consumers(SERVICE)
SUBSCRIPTIONS = "notification.subscriptions.SUBSCRIPTIONS"
CELERY = "notification.celery"
GAUGES = settings.GAUGES | {
    "seodang_waiting_deliveries": "notification.delivery.queries.count_waiting",
    "seodang_failed_deliveries": "notification.delivery.queries.count_failed",
}
# Channel → the context manager that yields the function which sends one delivery.
DELIVERY_CHANNELS = {
    "email": "notification.delivery.smtp.channel",
    "push": "notification.push.webpush.channel",
}
HEALTH_NOTICES = ["notification.push.queries.health_notice"]

INSTALLED_APPS = [
    *settings_base.APPS,
    *settings_base.ACCOUNT_APPS,
    "notification.outgoing",
    "notification.mirrors",
    "notification.inbox",
    "notification.preferences",
    "notification.delivery",
    "notification.push",
    "notification.chat",
    "notification.event_handlers",
    "notification.personal_data",
]
SPECTACULAR_SETTINGS = settings_base.openapi(SERVICE)
ROOT_URLCONF = "notification.urls"
WSGI_APPLICATION = "notification.wsgi.application"

vars().update(settings_base.mail())
DEFAULT_FROM_EMAIL = env.string("MAIL_FROM", f"Seodang <no-reply@{urlsplit(settings.PUBLIC_URL).hostname}>")

STATIC_URL = f"/static/{SERVICE}/"

logs.configure(SERVICE)
