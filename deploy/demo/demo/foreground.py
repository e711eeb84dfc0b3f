"""One run of the demo, from the checks to the end of the last process."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil

from demo import ports
from demo.checks import lock, require_plain_path
from demo.folders import ROOT, Folders
from demo.installation import MARK, PORTS, Installation
from demo.keys import create_secrets
from demo.progress import POLL_SECONDS, Progress

# The kernel's limit is 108 bytes (sun_path), with a terminating NUL.
MAX_SOCKET_PATH = 100
# Seconds until a process that was asked to end is killed.
PATIENCE = 10
_PR_SET_PDEATHSIG = 1


def run(started_at: float) -> int:
    """Run the demo until it is stopped; return the exit code. Raise StartError if it cannot start."""
    os.umask(0o077)
    # A closed terminal ends the demo as Ctrl-C does; a script's background jobs inherit an ignored SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.default_int_handler)
    folders = Folders.from_environment()
    gateway = ports.gateway_address(os.environ)
    require_plain_path(folders)
    folders.create()
    with ExitStack() as held:
        held.enter_context(lock(folders))
        end_processes(find_processes(folders))  # of a run that was killed
        for socket in ports.reserve_gateway_port(gateway):
            held.enter_context(socket)
        sockets = {name: held.enter_context(ports.reserve_port()) for name in PORTS}
        inner = {name: socket.getsockname()[1] for name, socket in sockets.items()}
        redis = folders.run / "redis.sock"
        if len(os.fsencode(redis)) > MAX_SOCKET_PATH:
            redis = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="seodang-"))) / "redis.sock"
        return supervise(Installation(folders, gateway, inner, redis), started_at)


def supervise(installation: Installation, started_at: float) -> int:
    """Run supervisord until it ends or is interrupted; leave no process behind."""
    folders = installation.folders
    create_secrets(folders)
    progress = Progress(installation, installation.programs(), started_at)
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(installation.configuration)]
    try:
        with (folders.log / "supervisord.log").open("ab") as log:
            supervisord = subprocess.Popen(
                command,
                cwd=ROOT,
                env=installation.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this process alone
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - there is one thread
            )
        try:
            _follow(supervisord, progress)
            progress.say("demo", f"ERROR supervisord has ended. Its log: {folders.log / 'supervisord.log'}")
            return 1
        except KeyboardInterrupt:
            supervisord.terminate()
            progress.stopping()
            _follow(supervisord, progress)
    except KeyboardInterrupt:
        progress.say("demo", "killing what is left")
        end_processes(find_processes(folders), patience=0)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        end_processes(find_processes(folders))
    with suppress(KeyboardInterrupt):
        progress.stopped()
    return 0


def find_processes(folders: Folders) -> list[psutil.Process]:
    """Return the running processes of an installation, supervisord first."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # Redis clears its environment; the demo's works in the folder of the run.
            is_redis = process.name().endswith("-server") and process.cwd() == str(folders.run)
            if is_redis or process.environ().get(MARK) == str(folders.var):
                found.append(process)
    return sorted(found, key=lambda process: process.pid)


def end_processes(processes: Sequence[psutil.Process], patience: float = PATIENCE) -> None:
    """Ask the processes to end; kill those that have not after `patience` seconds."""
    for process in processes if patience else ():
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=PATIENCE)


def _follow(supervisord: subprocess.Popen[bytes], progress: Progress) -> None:
    while supervisord.poll() is None:
        progress.update()
        time.sleep(POLL_SECONDS)
    progress.update()


def _end_with_parent() -> None:
    """End supervisord, and with it all processes, if this process is killed. Only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
