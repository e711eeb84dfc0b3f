"""The services' processes with their real commands: paused, and probed over HTTP."""
