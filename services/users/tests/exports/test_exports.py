"""Personal data export."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from chassis.crypto import decrypt
from chassis.testing import NOW
from users.accounts.models import Account
from users.exports import actions
from users.exports.models import Export, Section

pytestmark = pytest.mark.django_db


def ask(here: Any) -> Export:
    assert here.post("/accounts/data/").status_code == 302
    return Export.objects.get()


def upload(api_for: Any, export: Export, service: str, content: Any = None, path: str | None = None) -> int:
    url = f"/internal/exports/{export.id}/{path or service}"
    return int(api_for(service).put(url, {"found": service} if content is None else content).status_code)


def test_an_export_is_complete_when_every_section_was_uploaded(
    ada: Account, browser: Any, api_for: Any, published: Any
) -> None:
    here = browser(ada)

    export = ask(here)

    assert published("users.export_requested.v1") == [
        {"export_id": str(export.id), "account_id": str(ada.id)}
    ]
    assert here.get(f"/accounts/data/{export.id}/").status_code == 404
    assert upload(api_for, export, "study") == 204
    assert here.get(f"/accounts/data/{export.id}/").status_code == 404
    assert upload(api_for, export, "notification") == 204
    answer = here.get(f"/accounts/data/{export.id}/")
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(files.namelist()) == ["notification.json", "study.json", "users.json"]
    own = json.loads(files.read("users.json"))
    assert own["account"]["email"] == ada.email
    assert {"registered", "email_confirmed", "signed_in"} <= {line["what"] for line in own["log"]}
    assert json.loads(files.read("study.json")) == {"found": "study"}


def test_the_page_shows_how_far_it_is_and_looks_again_by_itself(
    ada: Account, browser: Any, api_for: Any
) -> None:
    here = browser(ada)
    export = ask(here)

    page = here.get("/accounts/data/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in page
    assert 'hx-trigger="every 3s"' in page
    for service in ("study", "notification"):
        upload(api_for, export, service)
    page = here.get("/accounts/data/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in page
    assert f"/accounts/data/{export.id}/" in page


def test_a_service_uploads_only_its_own_section(ada: Account, browser: Any, api_for: Any) -> None:
    export = ask(browser(ada))

    assert upload(api_for, export, "study", path="notification") == 403
    assert upload(api_for, export, "study", path="users") == 403
    assert upload(api_for, export, "study", content=[1, 2]) == 400
    assert api_for(ada).put(f"/internal/exports/{export.id}/study", {}).status_code == 403
    assert api_for(None).put(f"/internal/exports/{export.id}/study", {}).status_code == 401
    assert not Section.objects.exclude(service="users").exclude(received_at=None).exists()


def test_uploading_a_section_again_replaces_it(ada: Account, browser: Any, api_for: Any) -> None:
    export = ask(browser(ada))

    upload(api_for, export, "study", {"round": 1})
    upload(api_for, export, "study", {"round": 2})

    section = Section.objects.get(service="study")
    assert json.loads(decrypt(section.content_encrypted)) == {"round": 2}


def test_nobody_waits_for_a_copy_that_expired(ada: Account, browser: Any, api_for: Any) -> None:
    here = browser(ada)
    export = ask(here)
    for service in ("study", "notification"):
        upload(api_for, export, service)
    Export.objects.update(expires_at=F("requested_at"))

    assert upload(api_for, export, "study") == 404
    assert here.get(f"/accounts/data/{export.id}/").status_code == 404
    assert actions.delete_expired_exports(at=NOW + timedelta(days=3650)) > 0
    assert not Section.objects.exists()


def test_asking_twice_is_asking_once_until_a_day_has_passed(
    ada: Account, browser: Any, published: Any
) -> None:
    here = browser(ada)
    first = ask(here)

    here.post("/accounts/data/")

    assert Export.objects.get() == first
    assert len(published("users.export_requested.v1")) == 1
    Export.objects.update(requested_at=F("requested_at") - timedelta(days=1))
    here.post("/accounts/data/")
    assert Export.objects.get() != first


def test_a_new_copy_throws_the_old_one_away(ada: Account, browser: Any, api_for: Any) -> None:
    here = browser(ada)
    export = ask(here)
    for service in ("study", "notification"):
        upload(api_for, export, service)

    here.post("/accounts/data/")

    assert here.get(f"/accounts/data/{export.id}/").status_code == 404
    assert Export.objects.count() == 1


def test_another_persons_copy_is_not_there(ada: Account, clara: Account, browser: Any, api_for: Any) -> None:
    export = ask(browser(ada))

    assert browser(clara).get(f"/accounts/data/{export.id}/").status_code == 404
    assert api_for(clara).get(f"/api/v1/users/exports/{export.id}").status_code == 404


def test_a_section_is_stored_encrypted(ada: Account, browser: Any) -> None:
    ask(browser(ada))

    assert "ada@club.example" not in Section.objects.get(service="users").content_encrypted


def test_a_copy_by_rest(ada: Account, api_for: Any) -> None:
    api = api_for(ada)
    asked = api.post("/api/v1/users/exports")
    assert (asked.status_code, asked.json()["is_complete"]) == (202, False)
    assert api.post("/api/v1/users/exports").json()["code"] == "export_underway"
    export = Export.objects.get()
    assert api.get(f"/api/v1/users/exports/{export.id}/content").status_code == 404
    for service in ("study", "notification"):
        upload(api_for, export, service)

    assert api.get(f"/api/v1/users/exports/{export.id}").json()["is_complete"] is True
    assert set(api.get(f"/api/v1/users/exports/{export.id}/content").json()) == {
        "users",
        "study",
        "notification",
    }


def test_a_large_part_is_taken_and_a_huge_one_is_not(ada: Account, browser: Any, api_for: Any) -> None:
    export = ask(browser(ada))

    assert upload(api_for, export, "study", {"text": "x" * 4_000_000}) == 204
    assert upload(api_for, export, "study", {"text": "x" * 21 * 1024 * 1024}) == 413
