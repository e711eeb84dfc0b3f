"""Celery app of the users service, with the interval (seconds) of its periodic tasks."""

from __future__ import annotations

from chassis.celery_app import create_app

app = create_app(
    {
        "users.emails.tasks.send_due_emails": 30.0,
        "users.avatars.tasks.copy_avatars": 60.0,
        "users.keys.tasks.delete_retired_keys": 3600.0,
        "users.exports.tasks.delete_expired_exports": 3600.0,
        "users.signin.tasks.delete_expired_signin_data": 3600.0,
    }
)
