from __future__ import annotations

import subprocess

import pytest

import project
import tree


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A tree of its own, with one app."""
    for module in (project, tree):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for service in project.SERVICES:
        put(tmp_path, f"services/{service}/{service}/settings.py", 'INSTALLED_APPS = ["study.cohorts"]\n')
    return tmp_path


def put(root, name, text="X = 1\n"):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_every_role_has_its_place(root):
    for name in ("models.py", "actions/joining.py", "pages.py", "github.py", "migrations/0001_initial.py"):
        put(root, f"services/study/study/cohorts/{name}")
    assert list(tree.roles()) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cohorts/utils.py", "no module of that name"),
        ("cohorts/services.py", "no module of that name"),
        ("cohorts/signals.py", "no module of that name"),
        ("helpers.py", "the top level contains"),
        ("lists/models.py", "list it in INSTALLED_APPS"),
    ],
)
def test_a_file_without_a_role_is_found(root, name, says):
    put(root, f"services/study/study/{name}")
    assert says in next(tree.roles())


def test_two_modules_for_external_systems_are_too_many(root):
    put(root, "services/study/study/cohorts/github.py")
    put(root, "services/study/study/cohorts/gitlab.py")
    assert list(tree.roles()) == [
        "services/study/study/cohorts: at most one module for an external system, not github.py, gitlab.py"
    ]


def test_an_empty_module_is_found(root):
    put(root, "services/study/study/cohorts/queries.py", "")
    assert list(tree.roles()) == ["services/study/study/cohorts/queries.py: an empty module; remove it"]


def test_a_file_with_too_many_lines_is_found(root):
    put(root, "services/study/study/cohorts/models.py", "A = 1\n" * 401)
    assert "models.py: 401 lines, 400 at most" in next(tree.sizes())


def test_a_generated_file_may_have_any_number_of_lines(root):
    for name in ("deploy/gateway/Caddyfile", "services/study/study/cohorts/migrations/0001_initial.py"):
        put(root, name, "a\n" * 401)
    put(root, "deploy/gateway/Caddyfile.template", "a\n" * 401)
    assert list(tree.sizes()) == ["deploy/gateway/Caddyfile.template: 401 lines, 400 at most"]


def test_a_module_of_a_shared_package_has_one_subject(root):
    put(root, "services/chassis/chassis/health.py", "A = 1\n" * 251)
    assert "health.py: 251 lines, 250 at most" in next(tree.sizes())


@pytest.mark.parametrize("line", ["see /home" + "/ada/seodang", "index = " + "https://pypi" + ".org/simple"])
def test_what_belongs_to_one_machine_is_found(root, line):
    put(root, "notes.md", f"fine\n{line}\n")
    assert next(tree.local_paths()).startswith("notes.md:2: ")


def test_a_file_outside_the_repository_is_found(root):
    beside = root.parent / "beside"
    beside.mkdir()
    put(root, "docs/notes.md", f"see {beside}, docs/../docs or ../../../{root.parent.name}\n")
    put(root, "run", "[ -x ../beside ] && ../docs/notes.md\n")
    assert list(tree.local_paths()) == [
        f"docs/notes.md:1: {root.parent} exists on one machine only",
        f"docs/notes.md:1: ../../../{root.parent.name} is outside the repository",
        "run:1: ../beside is outside the repository",
    ]


def test_a_path_of_the_product_is_no_local_path(root, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", "/etc")
    put(root, "notes.md", "/accounts/home/ and services/study and /homework/ and commits/1f/etc-suites\n")
    put(
        root,
        "more.md",
        'f"/repos/{repository}/commits/{sha}/etc-suites", "/etc-suites", "/etc/", /etc/passwd\n',
    )
    assert list(tree.local_paths()) == ["more.md:1: /etc/passwd exists on one machine only"]


def test_pins_that_disagree_are_found(root):
    put(root, "requirements/demo.in", "django\nbabel\n")
    put(root, "requirements/demo.txt", "django==5.2.19 \\\n    --hash=sha256:0\n")
    put(root, "requirements/test.txt", "django==5.2.18 \\\n    --hash=sha256:0\n")
    assert sorted(tree.pins()) == [
        "django: pinned as 5.2.18 and 5.2.19; run `make lock`",
        "requirements/demo.txt: babel of demo.in is not pinned; run `make lock`",
    ]
