"""The pages that begin a cohort from a former one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from study.cohorts.models import Cohort
from study.copies.models import CohortCopy
from study.copies.tasks import create_copied_cohorts
from tests.conftest import OLGA

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(as_principal: Callable[..., Any]) -> Any:
    return as_principal(OLGA, roles=["cohort_creator"])


def path_of(cohort: Cohort) -> str:
    return f"/cohorts/{cohort.id}/copies/new/"


def typed(former: SimpleNamespace, **changes: Any) -> dict[str, Any]:
    repositories = {
        f"repository_{row.id.hex}": row.name.replace("term-16", "term-17")
        for row in former.cohort.repositories.all()
    }
    return {
        "title": "17기",
        "first_day": "2027-02-01",
        "people": [str(former.ada.id)],
        **repositories,
        **changes,
    }


def test_it_is_shown_and_then_begun(former: SimpleNamespace, olga: Any) -> None:
    form = olga.get(path_of(former.cohort)).context["form"]
    assert [field.label for field in form.repository_fields] == ["club/shared", "club/term-16"]

    preview = olga.post(path_of(former.cohort), typed(former))
    assert preview.status_code == 200
    text = preview.content.decode()
    assert "미션 12" in text
    assert "club/term-17" in text
    assert "Ada" in text
    assert "멤버와 멘토 없이 만들어져요: 1조, 알고리즘" in text
    assert not CohortCopy.objects.exists()

    seen = {"seen": preview.context["form"].digest}
    begun = olga.post(path_of(former.cohort), typed(former) | seen)
    progress = olga.get(begun["Location"])
    assert 'hx-trigger="every 2s"' in progress.content.decode()
    create_copied_cohorts()

    copy = CohortCopy.objects.get()
    done = olga.get(begun["Location"], headers={"HX-Request": "true"}).content.decode()
    assert f'href="/cohorts/{copy.cohort_id}/"' in done
    assert "hx-trigger" not in done
    assert "<html" not in done
    assert copy.cohort is not None
    assert copy.cohort.repositories.filter(name="club/term-17").exists()
    assert olga.get(f"/cohorts/{copy.cohort_id}/settings/").status_code == 200
    assert f'href="{begun["Location"]}"' in olga.get(path_of(former.cohort)).content.decode()


def test_what_changed_since_the_preview_is_shown_again(former: SimpleNamespace, olga: Any) -> None:
    seen = {"seen": olga.post(path_of(former.cohort), typed(former)).context["form"].digest}

    again = olga.post(path_of(former.cohort), typed(former, first_day="2027-02-08") | seen)

    assert again.status_code == 200
    assert again.context["plan"].weeks_later == 17
    assert not CohortCopy.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_day": "2027-02-03"}, "first_day"),
        ({"first_day": "9999-01-01"}, "first_day"),
        ({"title": ""}, "title"),
        ({"people": ["00000000-0000-4000-8000-000000000000"]}, "people"),
        ({"people": ["nobody"]}, "people"),
        ({"{shared}": "no repository"}, "{shared}"),
        ({"{shared}": "club/term-17"}, None),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_comes_back(
    changes: dict[str, Any], field: str | None, former: SimpleNamespace, olga: Any
) -> None:
    shared = f"repository_{former.cohort.repositories.get(name='club/shared').id.hex}"
    changes = {shared if name == "{shared}" else name: value for name, value in changes.items()}
    field = shared if field == "{shared}" else field

    answer = olga.post(path_of(former.cohort), typed(former, **changes))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field or "__all__"]
    assert 'value="17기"' in answer.content.decode() or "title" in changes
    assert not CohortCopy.objects.exists()


def test_it_is_offered_where_cohorts_are_opened_and_in_the_settings(
    former: SimpleNamespace, olga: Any, as_principal: Callable[..., Any]
) -> None:
    link = f'href="{path_of(former.cohort)}"'

    assert link in olga.get("/cohorts/new/").content.decode()
    assert link in olga.get(f"/cohorts/{former.cohort.id}/settings/end/").content.decode()
    assert link not in as_principal(OLGA).get(f"/cohorts/{former.cohort.id}/settings/end/").content.decode()


def test_who_may_not_create_cohorts_is_told(
    former: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    assert as_principal(OLGA).get(path_of(former.cohort)).status_code == 403
