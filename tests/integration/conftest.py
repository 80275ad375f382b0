"""What several kinds of integration tests need: a private PostGIS server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 180


def _missing(what: str) -> Any:
    if os.environ.get("REQUIRE_POSTGIS") == "1":
        pytest.fail(f"REQUIRE_POSTGIS=1, but {what}")
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgis_url() -> Iterator[str]:
    """SQLAlchemy address of a private PostgreSQL cluster with PostGIS, on a loopback port; stopped afterwards."""
    if os.environ.get("TEST_PG_URL"):
        yield os.environ["TEST_PG_URL"]
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if initdb is None:
        _missing("PostgreSQL is not installed")
    bin_folder = Path(str(initdb)).parent
    user: dict[str, Any] = {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="cityhex-pg-"))
    if user:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(bin_folder / program), *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE_S, check=False, **user)

    options = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off "
        "-c full_page_writes=off -c synchronous_commit=off"
    )
    try:
        made = run("initdb", "-D", "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N")
        assert made.returncode == 0, made.stderr.decode()
        subprocess.run(
            [str(bin_folder / "pg_ctl"), "-D", "data", "-w", "-l", "log", "-o", options, "start"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=True,
            **user,
        )
        psql = ("-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c")
        assert run("psql", *psql, "CREATE DATABASE gis").returncode == 0
        if run("psql", "-d", "gis", *psql, "CREATE EXTENSION postgis").returncode != 0:
            _missing("PostGIS is not installed in PostgreSQL")
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/gis"
    finally:
        run("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        time.sleep(0.05)
        shutil.rmtree(folder, ignore_errors=True)
