"""Run the whole product on one machine: `make demo`."""
