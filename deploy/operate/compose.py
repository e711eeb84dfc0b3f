"""Commands for the compose installations, `compose.py prepare` and so on. Needs only the system's Python.

prepare   create missing secrets in .env files, and the files that MySQL and Redis read
dev       prepare, build and start compose.yaml
prod      prepare, build or check the images (SEODANG_IMAGES), and start compose.prod.yaml
seed      fill the running development installation with sample data, and print the accounts
reset     ask, then remove the development installation with its data (--yes does not ask)
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from secrets import token_urlsafe
from string import Template
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("users", "study", "notification")
# Regenerated from the secrets at every start: the users of MySQL and Redis.
GENERATED = ROOT / "var/compose"
SEED = ROOT / "var/dev"
VERSION_LABEL = "org.opencontainers.image.version"


def read(file: Path) -> dict[str, str]:
    """Return the settings in an environment file; none if it does not exist."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def add(file: Path, wanted: Mapping[str, str], about: str) -> dict[str, str]:
    """Add missing settings to the file and return all of them. Existing ones are kept."""
    have = read(file)
    if file.exists():
        file.chmod(0o600)
    missing = {name: value for name, value in wanted.items() if name not in have}
    if missing:
        new = not file.exists()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as out:
            out.write((f"# {about}\n" if new else "") + "".join(f"{k}={v}\n" for k, v in missing.items()))
        print(f"{file.relative_to(ROOT)}: {', '.join(missing)} {'made' if new else 'added'}", file=sys.stderr)
    return {**missing, **have}


def put(file: Path, settings: Mapping[str, str]) -> None:
    """Set settings in the file; keep the others."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    kept = [line for line in lines if line.split("=", 1)[0] not in settings]
    text = "\n".join([*kept, *(f"{k}={v}" for k, v in settings.items())]) + "\n"
    # A full disk must not leave half a file.
    new = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    new.replace(file)


def prepare() -> None:
    """Create the secrets that compose needs, and the files that MySQL and Redis read.

    A secret of token_urlsafe needs no quoting in a URL, SQL or a shell.
    """
    about = "Created by deploy/operate/compose.py. It protects all data; a backup holds a copy."
    add(ROOT / ".env", {"MYSQL_ROOT_PASSWORD": token_urlsafe(32)}, f"Settings of compose itself. {about}")
    credentials = {name: token_urlsafe(32) for name in SERVICES if name != "users"}
    settings: dict[str, dict[str, str]] = {}
    for name in ("study", "notification", "users"):
        brokers = {
            f"BROKER_URL_{peer.upper()}": f"redis://{name}-to-{peer}:{token_urlsafe(32)}@redis:6379/0"
            for peer in SERVICES
            if peer != name
        }
        wanted = {
            "SECRET_KEY": token_urlsafe(32),
            "DATABASE_PASSWORD": token_urlsafe(32),
            "FIELD_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "BROKER_URL": f"redis://{name}:{token_urlsafe(32)}@redis:6379/0",
            **brokers,
        }
        if name == "users":
            wanted["SERVICE_SECRETS"] = ",".join(f"{caller}:{key}" for caller, key in credentials.items())
        else:
            wanted["SERVICE_SECRET"] = credentials[name]
        settings[name] = add(ROOT / f"services/{name}/.env", wanted, f"Secrets of {name}. {about}")
        if name != "users":
            credentials[name] = settings[name]["SERVICE_SECRET"]
    GENERATED.mkdir(mode=0o700, parents=True, exist_ok=True)
    databases = {name: settings[name]["DATABASE_PASSWORD"] for name in SERVICES}
    render("deploy/mysql/init.sql.template", GENERATED / "init.sql", databases)
    urls = {name: settings[name]["BROKER_URL"] for name in SERVICES}
    urls |= {f"{a}_to_{b}": settings[a][f"BROKER_URL_{b.upper()}"] for a, b in permutations(SERVICES, 2)}
    brokers = {name: urlsplit(url).password or "" for name, url in urls.items()}
    render("deploy/redis/users.acl.template", GENERATED / "users.acl", brokers)


def render(template: str, target: Path, passwords: Mapping[str, str]) -> None:
    """Render a template. The containers' users can read the file; the folder is closed to others."""
    values = {f"{name}_password": password for name, password in passwords.items()}
    text = Template((ROOT / template).read_text(encoding="utf-8")).substitute(values)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
    target.chmod(0o644)


def compose(*words: str, file: str = "compose.yaml") -> None:
    """Run docker compose; its output is the user's. Exit with its code if it fails."""
    command = ["docker", "compose", "--file", file, *words]
    if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(code)


def output(*words: str) -> str:
    """Return the output of docker; an empty string if it fails."""
    done = subprocess.run(["docker", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    return "" if done.returncode else done.stdout


def start(file: str, *options: str) -> None:
    """Start an installation. If that fails, print the last logs of the failed containers, and exit."""
    try:
        compose("up", "--detach", "--remove-orphans", *options, file=file)
    except SystemExit:
        states = output("compose", "--file", file, "ps", "--all", "--format", "{{.Service}} {{.ExitCode}}")
        if failed := [name for name, code in map(str.split, states.splitlines()) if code != "0"]:
            compose("logs", "--tail", "3", *failed, file=file)
        sys.exit(1)


def prod() -> None:
    """Start compose.prod.yaml with images built from this tree, or with those in SEODANG_IMAGES."""
    prepare()
    file = "compose.prod.yaml"
    # Also reports missing settings.
    compose("config", "--quiet", file=file)
    if os.environ.get("SEODANG_IMAGES", read(ROOT / ".env").get("SEODANG_IMAGES")):
        images = output("compose", "--file", file, "config", "--images").split()
        problems = map(image_problem, sorted({name for name in images if "seodang-" in name}))
        if wrong := [*filter(None, problems)]:
            sys.exit("\n".join(wrong))
    else:
        compose("build", *(f"{name}-web" for name in SERVICES), file=file)
    start(file, "--no-build", "--wait")


def image_problem(image: str) -> str:
    """Return why an image cannot be used, or an empty string. A missing image is pulled."""
    ask = ("image", "inspect", "--format", f'{{{{index .Config.Labels "{VERSION_LABEL}"}}}}', image)
    found = output(*ask)
    if not found:
        if subprocess.run(["docker", "pull", "--quiet", image], check=False).returncode:
            return f"{image} is not here and cannot be pulled: correct SEODANG_IMAGES or SEODANG_VERSION."
        found = output(*ask)
    chart = (ROOT / "deploy/helm/seodang/Chart.yaml").read_text(encoding="utf-8")
    version = re.findall(r'^appVersion: "(.*)"$', chart, re.MULTILINE)[0]
    its = found.strip()
    if its == version:
        return ""
    return f"{image} is of version {its or 'unknown'}, and this tree of {version}: correct SEODANG_VERSION."


def seed() -> None:
    """Fill users and study with sample data if they are empty; var/dev has the accounts and password."""
    (SEED / "data").mkdir(parents=True, exist_ok=True)
    (SEED / "secrets").mkdir(mode=0o700, exist_ok=True)
    for name in ("users", "study"):
        folders = ("services/chassis", "services/look", f"services/{name}", "deploy/demo")
        path = ":".join(f"/app/{folder}" for folder in folders)
        fill = f"import django; django.setup(); import seed; seed.fill({name!r})"
        compose(
            "run", "--rm", "--no-deps", "--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{SEED}:/seed",
            "--env", "DEMO_FOLDER=/seed",
            "--env", f"PYTHONPATH={path}",
            "--entrypoint", "python", f"{name}-web", "-c", fill,
        )  # fmt: skip
    password = (SEED / "secrets/demo-password").read_text(encoding="utf-8").strip()
    for account in json.loads((SEED / "data/accounts.json").read_text(encoding="utf-8")):
        print(f"{account['role']:<9} {account['email']:<28} {password}")


def reset(*, ask: bool) -> None:
    """Remove the containers and volumes of the development installation. Its .env files are kept."""
    if ask and input("Delete the development databases for good? Type yes: ").strip() != "yes":
        sys.exit("Nothing was deleted.")
    compose("down", "--volumes", "--remove-orphans")


def main(arguments: list[str]) -> int:
    """Run the command."""
    match arguments:
        case ["prepare"]:
            prepare()
        case ["dev"]:
            prepare()
            start("compose.yaml", "--build")
        case ["prod"]:
            prod()
        case ["seed"]:
            seed()
        case ["reset", *rest]:
            reset(ask="--yes" not in rest)
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
