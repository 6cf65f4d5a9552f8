"""History: what the report said each day, kept in a table, and the trends computed from it."""
