"""The services' processes, started by their real commands, paused, and asked over HTTP how they are."""
