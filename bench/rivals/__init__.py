"""The same two REST endpoints, written with other frameworks, on the tables of the study service."""
