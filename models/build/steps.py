"""Steps of a build: each is run once for the same inputs and leaves its result on disk, whole or not at all.

A step's key is the hash of its name, its inputs' keys, its parameters and the source text of the modules that compute
it. The result is a folder of Parquet files and one ``result.json``, written beside its place and renamed into it, so a
build killed at any moment leaves only whole results and goes on from them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq

from models.errors import StoreError
from models.settings import PROJECT_ROOT

Frame = pd.DataFrame
State = Literal["run", "progress", "done", "skip"]


@dataclass(frozen=True)
class Progress:
    """What a build tells whoever watches it: which step, in what state, and how far."""

    step: str
    state: State
    done: int = 0
    total: int | None = None
    note: str = ""


Watcher = Callable[[Progress], None]


@dataclass(frozen=True)
class Outcome:
    """The result of one step.

    Attributes
    ----------
    key : sha256 that stands for everything the result depends on
    folder : where its files are
    info : JSON-able facts the step reported (row counts, parameters)
    skipped : whether an earlier run's result was taken
    seconds : wall time of the run that made it
    """

    name: str
    key: str
    folder: Path
    info: dict[str, Any]
    skipped: bool
    seconds: float

    def path(self, name: str) -> Path:
        """Parquet file of the frame ``name``."""
        return self.folder / f"{name}.parquet"

    def has(self, name: str) -> bool:
        """Whether the step left a frame of that name."""
        return self.path(name).exists()

    def frame(self, name: str) -> Frame:
        """Read a frame back, with its geometry where it has one."""
        path = self.path(name)
        metadata = pq.read_schema(path).metadata or {}
        return gpd.read_parquet(path) if b"geo" in metadata else pd.read_parquet(path)


@dataclass
class StepRunner:
    """Runs steps under one folder and remembers what it ran and what it skipped.

    Parameters
    ----------
    folder : where results are kept
    watch : told of every change of state
    force : run every step even where a result exists
    """

    folder: Path
    watch: Watcher
    force: bool = False
    outcomes: list[Outcome] = field(default_factory=list)

    def run(
        self,
        name: str,
        work: Callable[[], tuple[Mapping[str, Frame], Mapping[str, Any]]],
        *,
        inputs: Iterable[str] = (),
        params: Mapping[str, Any] | None = None,
        code: Iterable[str] = (),
    ) -> Outcome:
        """Take the stored result for these inputs, or do the work and store it.

        Parameters
        ----------
        name : step name; also the folder's name
        work : makes the frames by name and the facts to keep
        inputs : keys of the steps and files this one reads
        params : JSON-able parameters that change the result
        code : paths of modules or packages under the project root whose text belongs to the key
        """
        key = _key(name, inputs, params or {}, code)
        folder = self.folder / name / key[:24]
        started = time.monotonic()
        if not self.force and (folder / "result.json").exists():
            self.watch(Progress(name, "skip"))
            outcome = _read(name, key, folder)
        else:
            self.watch(Progress(name, "run"))
            frames, info = work()
            _write(folder, frames, {"key": key, "info": dict(info), "seconds": time.monotonic() - started})
            outcome = Outcome(name, key, folder, dict(info), skipped=False, seconds=time.monotonic() - started)
            self.watch(Progress(name, "done"))
        os.utime(folder)
        self.outcomes.append(outcome)
        return outcome

    def prune(self, keep: int = 3) -> None:
        """Delete results beyond the last ``keep`` of every step and what killed runs left half written.

        Never deletes a result this run used. Only the holder of the build lock may call this.
        """
        used = {outcome.folder for outcome in self.outcomes}
        for step in self.folder.iterdir() if self.folder.exists() else ():
            for half in step.glob("*.tmp"):
                shutil.rmtree(half)
            results = sorted(step.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
            for old in results[keep:]:
                if old not in used:
                    shutil.rmtree(old)


def _key(name: str, inputs: Iterable[str], params: Mapping[str, Any], code: Iterable[str]) -> str:
    parts = [name, *inputs, json.dumps(params, sort_keys=True, default=str), *(code_hash(c) for c in code)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def code_hash(path: str) -> str:
    """Sha256 over the source text of a module or package below the project root."""
    base = PROJECT_ROOT / path
    files = sorted(base.rglob("*.py")) if base.is_dir() else [base]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def rules_hash(path: str) -> str:
    """Sha256 over a reviewed file, or all TOML and CSV files of a folder, below ``data/`` of the project."""
    base = PROJECT_ROOT / "data" / path
    files = sorted(p for p in base.rglob("*") if p.suffix in (".toml", ".csv")) if base.is_dir() else [base]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _write(folder: Path, frames: Mapping[str, Frame], result: Mapping[str, Any]) -> None:
    beside = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name, frame in frames.items():
            frame.to_parquet(beside / f"{name}.parquet", compression="zstd", index=False)
        (beside / "result.json").write_text(json.dumps(result, ensure_ascii=False, default=str), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise StoreError(
            f"{folder.parent}: the step's result could not be written ({error.strerror or error}). Nothing of the last "
            "build was touched. Free disk space, or point CITYHEX_HOME at another disk, and build again."
        ) from error


def _read(name: str, key: str, folder: Path) -> Outcome:
    stored = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return Outcome(name, key, folder, stored["info"], skipped=True, seconds=stored["seconds"])
