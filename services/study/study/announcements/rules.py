"""What is pasted into a chat that takes no messages of programs. Pure."""

from __future__ import annotations

from study.missions.rules.markdown import markdown_excerpt

# KakaoTalk folds longer messages.
MAX_CHAT_TEXT = 1000


def chat_text(*, cohort: str, title: str, body: str, url: str) -> str:
    """Return an announcement as plain text of at most MAX_CHAT_TEXT characters, with its link at the end."""
    head = f"[{cohort}] {title}"
    max_length = MAX_CHAT_TEXT - len(head) - len(url) - 4
    return "\n\n".join(filter(None, [head, markdown_excerpt(body, max_length=max_length), url]))
