"""The program of `helm test` passes where all is well, and fails for each thing that is not."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

import manifests

SECRET = "s" * 32
TOKEN = "a-token-for-users"
METRICS = "seodang_oldest_open_event_seconds 0.0\n"


@pytest.fixture
def journey(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The program, in an installation where all is well but what a test puts in `answers`."""
    spec = importlib.util.spec_from_file_location("journey", manifests.CHART / "files/journey.py")
    assert spec
    assert spec.loader
    program: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv("SERVICE_SECRET_FILE", str(tmp_path / "secret"))
    for name in program.SERVICES:
        monkeypatch.setenv(name.upper(), name)
    monkeypatch.setattr(program, "PATIENCE", 0.0)
    monkeypatch.setattr(program.time, "sleep", lambda _: None)
    program.answers = {}

    def ask(url: str, *, token: str = "", body: dict[str, str] | None = None) -> tuple[int, str]:
        what = (
            f"{url} as {body['audience']}" if body and body["secret"] == SECRET else f"{url} {token}".strip()
        )
        usual = {
            "users:8000/internal/token": (401, ""),
            "users:8000/internal/token as notification": (403, ""),
            "users:8000/internal/token as users": (200, f'{{"access_token": "{TOKEN}"}}'),
            f"users:8000/internal/accounts {TOKEN}": (200, '{"results": []}'),
        }
        well = (200, METRICS) if "9000" in url else (200, "") if "ready" in url else (401, "")
        answer: tuple[int, str] = program.answers.get(what, usual.get(what, well))
        return answer

    monkeypatch.setattr(program, "ask", ask)
    return program


def test_all_is_well(journey: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert journey.main() == 0
    assert "study read accounts of users" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("what", "answer", "words"),
    [
        ("notification:8000/healthz/ready", (503, "no database"), "notification is not ready"),
        ("users:8000/internal/token", (200, "{}"), "a wrong credential: 401 expected, seen 200"),
        ("users:8000/internal/token as notification", (200, "{}"), "off study's list: 403 expected"),
        ("users:8000/internal/token as users", (401, ""), "study's credential: 200 expected, seen 401"),
        ("users:8000/internal/accounts", (200, "{}"), "accounts without a token: 401 expected"),
        (f"users:8000/internal/accounts {TOKEN}", (200, '{"other": []}'), "accounts: the answer holds none"),
        (f"study:8000/internal/cohorts {TOKEN}", (200, "{}"), "study, with a token for users: 401 expected"),
        (
            f"notification:8000/api/v1/notification/inbox {TOKEN}",
            (200, "{}"),
            "notification, with a token for users",
        ),
        ("study:9000/metrics", (0, "refused"), "study's metrics: 200 expected, seen 0"),
        (
            "study:9000/metrics",
            (200, "seodang_oldest_open_event_seconds 301.0\n"),
            "study: an event is open for 301 s",
        ),
    ],
)
def test_what_is_not_well_fails_it(
    journey: Any, capsys: pytest.CaptureFixture[str], what: str, answer: tuple[int, str], words: str
) -> None:
    journey.answers[what] = answer

    assert journey.main() == 1
    assert words in capsys.readouterr().out
