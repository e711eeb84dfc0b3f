"""Client of the server that has GitHub's avatars."""

from __future__ import annotations

import requests
from django.conf import settings

from users.avatars.rules import MAX_BYTES, SIZE

# Seconds to connect, and between two packets.
TIMEOUT = (2, 5)


class NoAnswer(Exception):
    """The server cannot be reached, or cannot answer now."""


def download_avatar(github_id: int) -> bytes:
    """Return the avatar of a GitHub account; b"" if there is none, or none as small. NoAnswer."""
    url = f"{settings.GITHUB_AVATAR_URL}/{github_id}"
    try:
        with requests.get(
            url, params={"s": SIZE}, timeout=TIMEOUT, stream=True, allow_redirects=False
        ) as answer:
            if answer.status_code == 429 or answer.status_code >= 500:
                raise NoAnswer(str(answer.status_code))
            if answer.status_code != 200:
                return b""
            # Read by parts: the length that a server names may be wrong.
            content = b""
            for part in answer.iter_content(8192):
                content += part
                if len(content) > MAX_BYTES:
                    return b""
            return content
    except requests.RequestException as error:
        raise NoAnswer(type(error).__name__) from error
