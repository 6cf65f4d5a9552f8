"""A history in PostgreSQL, and that database as the recipes see it in DSS."""

from support.histories import COLUMNS, stored


class OnPostgres:
    dialect = "postgres"

    def __init__(self, connection):
        self.connection = connection
        declared = ", ".join(f'"{name}" {stored(kind)}' for name, kind in COLUMNS.items())
        connection.execute('CREATE SCHEMA IF NOT EXISTS "Governance"; DROP TABLE IF EXISTS "Governance"."History"')
        connection.execute(f'CREATE TABLE "Governance"."History" ({declared})')
        self.table = ("Governance", "History")

    def load(self, rows):
        self.connection.execute('TRUNCATE "Governance"."History"')
        with self.connection.cursor().copy('COPY "Governance"."History" FROM STDIN') as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))

    def run(self, sql):
        return self.connection.execute(sql).fetchall()


class SqlDataset:
    """A dataset in a PostgreSQL table, as `dataiku.Dataset` shows it."""

    def __init__(self, name, table=None, schema=()):
        self.name, self.table, self.schema, self.spec_item = name, table, list(schema), {}

    def read_schema(self, raise_if_empty=True):
        return self.schema

    def iter_rows(self):
        raise AssertionError("rows must not leave the database")

    def get_location_info(self):
        schema, table = self.table
        info = {"databaseType": "PostgreSQL", "schema": schema, "table": table, "connectionName": "pg"}
        return {"locationInfoType": "SQL", "info": info}


def executor_on(connection):
    """`dataiku.SQLExecutor2` of that database."""

    class Executor:
        def __init__(self, dataset):
            assert dataset.name == "P.history"

        def query_to_iter(self, sql):
            rows = connection.execute(sql).fetchall()
            return type("Reader", (), {"iter_tuples": lambda self: iter(rows)})()

        @staticmethod
        def exec_recipe_fragment(dataset, sql):
            assert sql.startswith("SELECT"), "DSS takes one SELECT"
            connection.execute(f'DROP TABLE IF EXISTS "{dataset.name}"; CREATE TABLE "{dataset.name}" AS {sql}')

    return Executor
