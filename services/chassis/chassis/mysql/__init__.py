"""Django's MySQL backend, which refuses connections without TLS where TLS is required."""
