"""The content of a check run, as GitHub's REST API takes it. Pure functions."""

from __future__ import annotations

from typing import Any


def check_run_content(*, name: str, title: str, summary: str, url: str, is_success: bool) -> dict[str, Any]:
    """Return a completed check run. It is never a failure: a pull request could then not be merged."""
    return {
        "name": name,
        "details_url": url,
        "status": "completed",
        "conclusion": "success" if is_success else "neutral",
        "output": {"title": title, "summary": summary},
    }
