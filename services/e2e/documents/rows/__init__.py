"""The rows in a service's database during its schemathesis run, one module per service."""
