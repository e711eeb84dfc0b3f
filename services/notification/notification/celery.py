"""Celery app of the notification service, with the interval (seconds) of its periodic tasks."""

from __future__ import annotations

from chassis.celery_app import create_app

app = create_app(
    {
        "notification.delivery.tasks.send_due_deliveries": 30.0,
        "notification.delivery.tasks.send_due_invitations": 30.0,
        "notification.chat.tasks.send_due_messages": 30.0,
        "notification.chat.tasks.prune_chat_messages": 3600.0,
        "chassis.personal_data.tasks.enqueue_due_exports": 60.0,
    }
)
