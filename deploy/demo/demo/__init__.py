"""The whole product on one machine, for looking at it: `make demo`."""
