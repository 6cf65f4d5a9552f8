"""A small Dataiku Govern node: its model, and one WSGI application over it."""
