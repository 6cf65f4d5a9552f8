"""A small DSS: one model of its behaviour, one WSGI application, used served or mounted."""
