"""How the table library of the report's page is built from npm's packages."""
