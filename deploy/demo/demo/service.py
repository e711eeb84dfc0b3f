"""Run a role of a service: python -m demo.service study web.

Web prepares the service first and waits for that of users; worker and relay wait for their web.
"""

from __future__ import annotations

import os
import sys
import time
from http.client import OK, HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from demo.fingerprints import is_prepared, save_fingerprint
from demo.folders import Folders


def settings(service: str, folders: Folders) -> dict[str, str]:
    """Return the settings of one service. Secrets are passed as files, invisible in process lists."""
    secrets = folders.secrets
    plural = "s" if service == "users" else ""  # it knows the secrets of the others
    return {
        "DJANGO_SETTINGS_MODULE": f"{service}.settings",
        "DATABASE_PATH": str(folders.database(service)),
        "STATIC_ROOT": str(folders.static(service)),
        "SECRET_KEY_FILE": str(secrets / f"{service}-secret-key"),
        # Who tries the demo at night waits for no mail.
        "QUIET_HOURS": os.environ.get("QUIET_HOURS", ""),
        "FIELD_KEY_FILE": str(secrets / f"{service}-field-key"),
        f"SERVICE_SECRET{plural.upper()}_FILE": str(secrets / f"{service}-service-secret{plural}"),
    }


def prepare(service: str, folders: Folders) -> None:
    """Migrate, collect the static files and, without EMPTY, fill an empty database."""
    import django  # noqa: PLC0415 - a role that is prepared does not need it
    import seed  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from chassis.management.commands.migrate_with_lock import is_outdated  # noqa: PLC0415

    print("preparing the database and the static files", flush=True)
    django.setup()
    if is_outdated():
        connection.close()
        # The file that was looked at, whatever the folder is.
        set_aside(Path(connection.settings_dict["NAME"]))
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    if not os.environ.get("EMPTY"):
        seed.fill(service)
    save_fingerprint(service, folders)


def set_aside(database: Path) -> None:
    """Rename a database that is not migrated, so that a new one is made and filled."""
    for file in database.parent.glob(f"{database.name}*"):
        file.rename(file.with_name(f"before-0.2-{file.name}"))
    print(f"{database.name} is of an older version; it is kept as before-0.2-{database.name}.")


def is_ready(address: str, path: str = "/healthz/ready") -> bool:
    """Return True if a server answers a path with 200. Blocks for a second at most."""
    connection = HTTPConnection(address, timeout=1)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status == OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main(service: str, role: str) -> None:
    """Prepare or wait, then become the role's process."""
    folders = Folders.from_environment()
    own_address = urlsplit(os.environ[f"{service.upper()}_URL"]).netloc
    os.environ |= settings(service, folders) | {"LISTEN": own_address}
    if role == "prepare" or (role == "web" and not is_prepared(service, folders)):
        prepare(service, folders)
    if role == "prepare":
        return
    # The others fetch the keys of users at their start; worker and relay need what web prepares.
    awaited = own_address if role != "web" else urlsplit(os.environ["USERS_URL"]).netloc
    while (service, role) != ("users", "web") and not is_ready(awaited):
        time.sleep(0.5)
    beat = ["--with-beat"] if role == "relay" else []
    command = [sys.executable, "-m", "chassis.entrypoint", role, *beat]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
