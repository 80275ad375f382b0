"""The cluster's engine on a real Spark master with two workers, on loopback: equal to the local engine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from models.errors import ConfigError
from models.settings import PROJECT_ROOT
from models.signaling import pipeline, spark
from models.signaling.bucket_area import BucketArea
from tests.unit.models.signaling import small_period as small

PATIENCE_S = 120
JAVA = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
OPENED = (
    "java.base/java.lang", "java.base/java.lang.invoke", "java.base/java.net", "java.base/java.nio",
    "java.base/java.util", "java.base/java.util.concurrent", "java.base/sun.nio.ch",
)  # fmt: skip
QUICK = {
    "spark.executor.memory": "512m", "spark.executor.cores": "1", "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1", "spark.sql.shuffle.partitions": "2", "spark.sql.adaptive.enabled": "false",
    "spark.executor.extraJavaOptions": " ".join(JAVA[1:]), "spark.driver.extraJavaOptions": " ".join(JAVA[1:]),
}  # fmt: skip


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(folder, environment, name, *arguments):
    """A daemon of the cluster, its log beside it."""
    jars = f"{environment['SPARK_HOME']}/jars/*"
    opened = [f"--add-opens={package}=ALL-UNNAMED" for package in OPENED]
    command = ["java", *JAVA, *opened, "-cp", jars, f"org.apache.spark.deploy.{name}", *arguments]
    with (folder / f"{len(list(folder.glob('*.log')))}.log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)


def wait_for(folder, text, times=1):
    until = time.monotonic() + PATIENCE_S
    logs = []
    while time.monotonic() < until:
        logs = [log.read_text("utf-8", "replace") for log in folder.glob("*.log")]
        if sum(log.count(text) for log in logs) >= times:
            return
        time.sleep(0.1)
    pytest.fail(f"the cluster did not say {text!r} {times} times: " + "\n".join(log[-1000:] for log in logs))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Address of a standalone master with two workers of one core each, and this process set up to use it."""
    folder = tmp_path_factory.mktemp("spark")
    home = Path(next(iter(find_spec("pyspark").submodule_search_locations)))
    configuration = folder / "conf"
    configuration.mkdir()
    lines = "\n".join(f"{name} {value}" for name, value in QUICK.items())
    (configuration / "spark-defaults.conf").write_text(lines, "utf-8")
    (configuration / "log4j2.properties").write_text("rootLogger.level = info\n", "utf-8")
    own = {
        "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_SCALA_VERSION": "2.13",
        "SPARK_CONF_DIR": str(configuration), "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    environment = os.environ | own
    port, processes = free_port(), []
    address = f"spark://127.0.0.1:{port}"
    try:
        here = ["--host", "127.0.0.1", "--webui-port", "0"]
        processes.append(started(folder, environment, "master.Master", *here, "--port", str(port)))
        workers = [*here, "-c", "1", "-m", "1g", address]
        processes += [started(folder, environment, "worker.Worker", "-d", f"work{k}", *workers) for k in range(2)]
        wait_for(folder, "Successfully registered with master", times=2)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in own.items():
                patch.setenv(name, value)
            yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=PATIENCE_S)


@pytest.mark.spark
def test_a_master_and_two_workers_give_what_the_local_engine_gives(cluster, tmp_path):
    job = small.job(tmp_path, buckets=5)
    told = []
    with spark.connected(cluster) as session:
        assert spark.compute_days(session, job, lambda done, of: told.append((done, of))) == small.DAYS
        assert spark.compute_days(session, job) == 0
        homes = []

        def weigh(by_cell):
            homes.append(by_cell)
            return small.WEIGHTS

        target = job.folder / "users-of-the-period.parquet"
        raw, _, night = spark.sum_up(session, job, weigh, small.ZONE, small.COLUMNS_KEPT, target)
        machines = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()
    assert told == [(k, small.DAYS) for k in range(1, small.DAYS + 1)]
    assert machines == 3  # the driver and an executor on each worker
    local = small.local(job)
    areas = [BucketArea(job.folder, bucket) for bucket in range(job.buckets)]
    small.assert_same_days(small.days_of(areas, job.files.files), small.days_of([local.area], job.files.files))
    people = pipeline.people_of(local)
    assert night.share == local.night.share and night.by_hour.tolist() == local.night.by_hour.tolist()
    assert homes[0].sum() == (people["resident_class"] == "resident").sum()
    small.assert_same_sums(raw, pipeline.sum_up(local, people.assign(weight=small.WEIGHTS.of(people)), small.ZONE))
    assert len(list(target.glob("*.parquet"))) == job.buckets
    assert not list(job.folder.rglob("*.tmp"))


def test_a_machine_without_pyspark_is_told_which_extra_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with (
        pytest.raises(ConfigError, match=r"CITYHEX_SPARK is 'spark://nowhere:7077'.*\[spark\]"),
        spark.connected("spark://nowhere:7077"),
    ):
        pass


def test_only_a_session_loads_pyspark():
    code = "import sys, models.signaling.spark; print('pyspark' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
