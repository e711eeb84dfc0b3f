"""Copies of GitHub's avatars."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from users.accounts.models import Account


class AvatarQuerySet(models.QuerySet["Avatar"]):
    def current(self) -> AvatarQuerySet:
        """Return the avatars of the GitHub accounts that are linked now."""
        return self.filter(github_id=F("account__github_id"))

    def visible(self) -> AvatarQuerySet:
        """Return those of the current avatars that are an image."""
        return self.current().exclude(media_type="")


class Avatar(models.Model):
    """The avatar of the GitHub account that is linked to an account."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="avatar")
    # Of whom it is: another account may be linked by now.
    github_id = models.BigIntegerField()
    # Empty if GitHub has none, or did not answer yet.
    content = models.BinaryField()
    media_type = models.CharField(max_length=16)
    # When GitHub is asked again.
    due_at = models.DateTimeField()

    objects = AvatarQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=["", "image/png", "image/jpeg", "image/gif", "image/webp"]),
                name="avatar_is_an_image",
            )
        ]

    def __str__(self) -> str:
        return f"{self.github_id} {self.media_type}"
