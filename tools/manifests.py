"""Generate the files of the packaging: `make manifests`; `make manifests A=--check` only prints differences.

    deploy/gateway/Caddyfile            from services/contracts/routes.json
    deploy/helm/seodang/files/          copies of files that the chart contains
    deploy/helm/seodang/README.md       the values, from the comments in the two values.yaml
    deploy/k8s/base/                    the chart with its default values, one object per file
    deploy/k8s/overlays/{kind,prod}/    the differences of deploy/helm/values-<name>.yaml, for kustomize

deploy/k8s contains no Secrets and not the chart's test; deploy/k8s/README.md says how to create the Secrets.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from string import Template
from typing import Any

import helm_python
import jsonpatch
import yaml

import render_gateway
from project import ROOT

CHART = ROOT / "deploy/helm/seodang"
K8S = ROOT / "deploy/k8s"
OVERLAYS = ("kind", "prod")
RELEASE = "seodang"
NAMESPACE = "seodang"
COPIES = {
    "Caddyfile": "deploy/gateway/Caddyfile",
    "seodang.css": "services/look/look/static/look/seodang.css",
    "routes.json": "services/contracts/routes.json",
    "init.sql.template": "deploy/mysql/init.sql.template",
    "users.acl.template": "deploy/redis/users.acl.template",
}
GENERATED = "# Written by `make manifests` from deploy/helm: change that, not this.\n"
Object = dict[str, Any]
Files = dict[Path, str]


# The C loader is seven times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """Write long texts as blocks, and no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, "|" if "\n" in text else None
    ),
)


def dump(value: Any) -> str:
    """Return the value as YAML, in its order."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def render(values: Object | None = None, *, name: str = RELEASE) -> list[Object]:
    """Return the chart's objects for these values, with tests and Secrets, sorted by kind and name."""
    texts = helm_python.Chart.load(CHART).render(values or {}, name=name, namespace=NAMESPACE)
    found = [
        obj
        for file in sorted(texts)
        if not file.endswith(".txt")
        for obj in yaml.load_all(texts[file], _LOADER)
        if obj
    ]
    return sorted(found, key=lambda obj: (obj["kind"], obj["metadata"]["name"]))


def values(overlay: str) -> Object:
    """Return the values of an overlay."""
    return dict(yaml.safe_load((ROOT / f"deploy/helm/values-{overlay}.yaml").read_text(encoding="utf-8")))


def manifests(values: Object | None = None) -> dict[str, Object]:
    """Return the objects for `kubectl apply`, by file name."""
    return {
        f"{obj['kind'].lower()}-{key(obj)}.yaml": obj
        for obj in render(values)
        if obj["kind"] != "Secret" and "helm.sh/hook" not in obj["metadata"].get("annotations", {})
    }


def key(obj: Object) -> str:
    """Return an object's name without the release, and without the hash of a Job."""
    name = str(obj["metadata"]["name"]).removeprefix(f"{RELEASE}-")
    return re.sub(r"-[0-9a-f]{10}$", "", name) if obj["kind"] == "Job" else name


def copies() -> Files:
    """Return the copies of files that the chart contains."""
    pages = sorted((ROOT / "deploy/gateway/pages").iterdir())
    places = COPIES | {f"pages/{page.name}": f"deploy/gateway/pages/{page.name}" for page in pages}
    return {CHART / "files" / name: (ROOT / place).read_text("utf-8") for name, place in places.items()}


def readme() -> Files:
    """Return the chart's README: its template with tables of the values."""
    text = Template((CHART / "README.md.template").read_text(encoding="utf-8"))
    umbrella, service = table(CHART / "values.yaml"), table(CHART / "charts/django-service/values.yaml")
    return {CHART / "README.md": text.substitute(umbrella=umbrella, service=service)}


def table(file: Path) -> str:
    """Return a table of the documented values: those after lines `# -- …`."""
    rows = ["| value | default | |", "|---|---|---|"]
    text = file.read_text(encoding="utf-8")
    path: list[str] = []
    comment: list[str] = []
    for line in text.splitlines():
        if found := re.match(r"( *)# (-- )?(.*)", line):
            comment = [found[3]] if found[2] else [*comment, found[3]] if comment else []
        elif found := re.match(r"( *)(\w+):", line):
            path = [*path[: len(found[1]) // 2], found[2]]
            if comment:
                value = yaml.safe_load(text)
                for part in path:
                    value = value[part]
                shown = (
                    yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()
                )
                rows.append(f"| `{'.'.join(path)}` | `{shown}` | {' '.join(comment)} |")
            comment = []
    return "\n".join(rows)


def kustomization(resources: list[str], **more: Any) -> str:
    """Return a kustomization.yaml."""
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    return GENERATED + dump({**head, "namespace": NAMESPACE, "resources": resources, **more})


def base() -> Files:
    """Return the files of the base: the chart with its default values."""
    found = manifests()
    files = {K8S / "base" / file: GENERATED + dump(obj) for file, obj in found.items()}
    return {**files, K8S / "base/kustomization.yaml": kustomization(sorted(found))}


def overlay(name: str) -> Files:
    """Return the files of an overlay: objects added, changed or removed."""
    place, before, after = K8S / "overlays" / name, manifests(), manifests(values(name))
    files: Files = {}
    patches: list[Object] = []
    for file in sorted({*before, *after}):
        if file not in before:
            files[place / file] = GENERATED + dump(after[file])
        elif file not in after or before[file]["metadata"]["name"] != after[file]["metadata"]["name"]:
            gone = {name: before[file][name] for name in ("apiVersion", "kind")}
            gone["metadata"] = {"name": before[file]["metadata"]["name"]}
            patches.append({"patch": dump({**gone, "$patch": "delete"})})
            if file in after:
                files[place / file] = GENERATED + dump(after[file])
        elif steps := jsonpatch.make_patch(before[file], after[file]).patch:
            target = {"kind": before[file]["kind"], "name": before[file]["metadata"]["name"]}
            patches.append({"target": target, "patch": dump(steps)})
    resources = ["../../base", *(path.name for path in files)]
    return {**files, place / "kustomization.yaml": kustomization(resources, patches=patches)}


def write(files: Files, *, check: bool) -> list[str]:
    """Write the files, or only compare them. Return the changed paths."""
    changed = [path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in [] if check else changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return [str(path.relative_to(ROOT)) for path in changed]


def main(*, check: bool) -> int:
    """Write or check all files. The gateway's and the copies come first: the chart is rendered with them."""
    changed = write({render_gateway.CADDYFILE: render_gateway.render(render_gateway.read())}, check=check)
    made = copies()
    changed += write(made, check=check)
    generated = {**readme(), **base()}
    for name in OVERLAYS:
        generated |= overlay(name)
    changed += write(generated, check=check)
    folders = {path.parent for path in {**made, **generated}} - {CHART, CHART / "files"}
    for path in sorted({path for folder in folders for path in folder.glob("*.*")} - {*made, *generated}):
        changed.append(f"{path.relative_to(ROOT)}: no longer generated")
        if not check:
            path.unlink()
    print("\n".join(changed) or "Nothing differs.")
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main(check=sys.argv[1:] == ["--check"]))
