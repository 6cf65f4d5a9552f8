"""A PostgreSQL cluster of our own and a local Spark, or how to get them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

NO_POSTGRES = (
    "PostgreSQL is not installed: apt-get install -y --no-install-recommends postgresql; pip install 'psycopg[binary]'"
)
NO_JAVA = "Spark needs Java: apt-get install -y --no-install-recommends default-jre-headless; pip install pyspark"


def _program(name):
    """A server program of PostgreSQL's: Debian keeps them off the path."""
    found = shutil.which(name)
    return found or next((str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgres():
    """A connection to a private cluster that lives as long as the tests."""
    psycopg = pytest.importorskip("psycopg", reason=NO_POSTGRES)
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip(NO_POSTGRES)
    # initdb refuses root; Debian's package brings this user, who may not enter pytest's own folders
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder, port = Path(tempfile.mkdtemp(prefix="govern-mirror-postgres-")), _free_port()
    cluster = folder / "cluster"
    if user:
        shutil.chown(folder, **user)

    def run(*command):
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            cwd=folder, check=False, extra_groups=[] if user else None, **user,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    # another time zone and locale than the other engines': results must not depend on either
    run(initdb, "--auth=trust", "--username=tester", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata", str(cluster))
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c timezone=Asia/Tokyo"
    run(pg_ctl, "--wait", "--pgdata", str(cluster), "-o", settings, "-l", str(folder / "log"), "start")
    try:
        with psycopg.connect(f"host=127.0.0.1 port={port} user=tester dbname=postgres", autocommit=True) as connection:
            yield connection
    finally:
        run(pg_ctl, "--pgdata", str(cluster), "--mode=immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A Spark session on two threads of this machine."""
    sql = pytest.importorskip("pyspark.sql", reason=NO_JAVA)
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        pytest.skip(NO_JAVA)
    folder = tmp_path_factory.mktemp("spark")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "America/New_York")
        .config("spark.sql.warehouse.dir", str(folder))
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
