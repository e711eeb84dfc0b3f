"""Faults under a load of writes: pause, cut off, slow down and fill up what the services stand on."""
