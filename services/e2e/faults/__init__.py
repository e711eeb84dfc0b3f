"""Faults under a load of writes: pauses, network faults, latency, a full disk."""
