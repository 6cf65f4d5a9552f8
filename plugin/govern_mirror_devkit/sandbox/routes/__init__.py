"""The HTTP shapes of the public API: one module a subject, each with its `ROUTES`."""
