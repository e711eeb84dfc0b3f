from __future__ import annotations

import shutil
import subprocess

import pytest

import deploy_tree
import project

DOCKERFILE = "FROM python:3.13-slim-trixie AS dev\nCOPY services/{0} services/{0}\nFROM dev AS prod\n"
SKAFFOLD = """
build:
  artifacts:
    - image: seodang-users
      docker: {dockerfile: services/users/Dockerfile, target: dev}
deploy:
  helm:
    releases:
      - setValueTemplates:
          users.image.repository: "{{.IMAGE_REPO_seodang_users}}"
          users.image.tag: "{{.IMAGE_TAG_seodang_users}}"
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A tree of its own, where everything agrees."""
    for module in (project, deploy_tree):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for service in project.SERVICES:
        put(tmp_path, f"services/{service}/Dockerfile", DOCKERFILE.format(service))
        put(tmp_path, f"services/{service}/pyproject.toml", '[project]\nversion = "1.2.0"\n')
    put(tmp_path, "skaffold.yaml", SKAFFOLD)
    put(tmp_path, "Makefile", "check: ## Look\ntest-mysql: ## Prove\n")
    return tmp_path


def put(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_tree_that_agrees_passes_every_check(root):
    put(root, "deploy/helm/seodang/Chart.yaml", 'version: 1.2.0\nappVersion: "1.2.0"\n')
    put(root, ".github/workflows/ci.yml", "run: make check\nimage: ${{ steps.name.outputs.image }}\n")
    assert [found for check in deploy_tree.CHECKS.values() for found in check()] == []


def test_dockerfiles_that_differ_by_more_than_the_name_are_found(root):
    put(root, "services/study/Dockerfile", DOCKERFILE.format("study") + "USER 10001\n")
    found = list(deploy_tree.dockerfiles())
    assert found[:2] == ["--- as in users", "+++ services/study/Dockerfile"]
    assert found[-1] == "+USER 10001"


@pytest.mark.parametrize(
    "image",
    ["mysql:9.7", "seodang-users:1.2.0", "${R:-}seodang-users:${TAG:-1.2.0}", "a.b:5000/c:1@sha256:0f"],
)
def test_an_image_of_a_version_passes(root, image):
    put(root, "compose.yaml", f"services: {{one: {{image: '{image}'}}}}\n")
    assert list(deploy_tree.images()) == []


@pytest.mark.parametrize("image", ["mysql", "mysql:latest", "mysql:${TAG:-latest}", "a.b:5000/mysql"])
def test_an_image_without_a_version_is_found(root, image):
    put(root, "compose.yaml", f"services: {{one: {{image: '{image}'}}}}\n")
    assert list(deploy_tree.images()) == [f"compose.yaml: {image} names no version"]


def test_images_of_a_manifest_and_of_a_charts_values_are_read(root):
    put(root, "deploy/k8s/base/web.yaml", "a: 1\n---\nspec: {containers: [{image: redis}]}\n")
    put(root, "deploy/helm/seodang/values.yaml", "image: {repository: mysql, tag: latest}\n")
    put(root, "deploy/helm/seodang/values-x.yaml", "image: {repository: seodang-users, tag: ''}\n")
    assert list(deploy_tree.images()) == [
        "deploy/helm/seodang/values.yaml: mysql:latest names no version",
        "deploy/k8s/base/web.yaml: redis names no version",
    ]


def test_an_image_of_ours_has_the_projects_version(root):
    put(root, "compose.yaml", "services: {one: {image: 'seodang-users:${TAG:-1.1.0}'}}\n")
    assert list(deploy_tree.images()) == [
        "compose.yaml: seodang-users:${TAG:-1.1.0}, but the project is 1.2.0"
    ]


def test_versions_that_disagree_are_found(root):
    put(root, "services/study/pyproject.toml", '[project]\nversion = "1.1.0"\n')
    put(root, "services/study/Dockerfile", "FROM dev AS prod\nARG VERSION=1.1.1\n")
    chart = "version: 1.1.2\nappVersion: '1.1.3'\ndependencies: [{name: part, version: 1.1.4}]\n"
    put(root, "deploy/helm/seodang/Chart.yaml", chart)
    assert list(deploy_tree.versions()) == [
        "services/study/pyproject.toml: version 1.1.0, but the project is 1.2.0",
        "deploy/helm/seodang/Chart.yaml: version 1.1.2, but the project is 1.2.0",
        "deploy/helm/seodang/Chart.yaml: version 1.1.3, but the project is 1.2.0",
        "deploy/helm/seodang/Chart.yaml: version 1.1.4, but the project is 1.2.0",
        "services/study/Dockerfile: version 1.1.1, but the project is 1.2.0",
    ]


def test_compose_is_asked_with_secrets_that_are_none(root, monkeypatch):
    put(root, "compose.yaml", "services: {one: {environment: {A: '${PASSWORD:?make dev makes it}'}}}\n")
    put(root, "bin/docker", "#!/bin/sh\ncat $3 .env services/users/.env >&2 && exit 3\n")
    (root / "bin/docker").chmod(0o700)
    monkeypatch.setenv("PATH", f"{root}/bin:/usr/bin:/bin")
    [found] = deploy_tree.compose()
    assert found.startswith("compose.yaml: services:")
    assert found.endswith("PASSWORD=none")


def test_without_docker_compose_is_left_out_but_not_in_ci(root, monkeypatch):
    put(root, "compose.yaml", "services: {}\n")
    monkeypatch.setattr(shutil, "which", {}.get)
    monkeypatch.delenv("CI", raising=False)
    assert list(deploy_tree.compose()) == []
    monkeypatch.setenv("CI", "true")
    assert list(deploy_tree.compose()) == ["No docker on PATH to ask"]


def test_a_workflow_that_runs_no_target_of_ours_is_found(root):
    put(root, ".github/workflows/ci.yml", 'a:\n  run: |\n    make check tset T="x"\n    make test-mysql\n')
    assert list(deploy_tree.targets()) == [".github/workflows/ci.yml: `make tset` is no target"]


def test_an_artifact_whose_target_does_not_exist_is_found(root):
    put(root, "skaffold.yaml", SKAFFOLD.replace("target: dev", "target: debug"))
    assert list(deploy_tree.skaffold()) == [
        "skaffold.yaml: seodang-users: services/users/Dockerfile has no target debug"
    ]


def test_an_artifact_that_the_chart_is_not_given_is_found(root):
    put(root, "skaffold.yaml", SKAFFOLD.replace("{{.IMAGE_TAG_seodang_users}}", "dev"))
    assert list(deploy_tree.skaffold()) == [
        "skaffold.yaml: no value of the chart is seodang-users's tag; nothing would sync"
    ]
