"""The terminal as a page: progress bars, tables and short reports of the commands."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from models.errors import StoreError, UnknownNameError
from models.settings import load
from models.storage.pages import MAX_LIMIT

if TYPE_CHECKING:
    from models.build.steps import Progress as Step
    from models.build.steps import Watcher

out = Console()


@contextmanager
def step_progress() -> Iterator[Watcher]:
    """Show one line per step: a bar while it runs, its note when it ends, or that it was skipped."""
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}", markup=True),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}"),
    )
    with Progress(*columns, console=out, refresh_per_second=5) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(event: Step) -> None:
            if event.step not in tasks:
                tasks[event.step] = bars.add_task(event.step, total=None, note="")
            task = tasks[event.step]
            if event.state in ("done", "skip"):
                note = event.note or ("unchanged, not run again" if event.state == "skip" else "")
                bars.update(task, total=1, completed=1, note=note)
                bars.stop_task(task)
            else:
                bars.update(task, total=event.total, completed=event.done, note=event.note)

        yield watch


def demo(*, firms: int, seed: int, people: int, preset: str, keep: bool) -> None:
    """Write the demo city's files below the home folder; without people there is no signaling."""
    from models.build.steps import Progress as StepProgress  # noqa: PLC0415 - each command loads what it needs
    from models.build.steps import code_hash  # noqa: PLC0415
    from models.demo import write_city  # noqa: PLC0415
    from models.demo.signaling import PRESETS  # noqa: PLC0415

    settings = load()
    folder = settings.home / "demo-files"
    drawn = {"firms": firms, "seed": seed, "people": people, "preset": preset}
    wanted = json.dumps(drawn | {"code": code_hash("models/demo")[:12]})
    stamp = folder / "written.json"
    if keep and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        out.print(f"The demo city's files are in {folder} already.")
        return
    beside = folder.with_name("demo-files.tmp")
    shutil.rmtree(beside, ignore_errors=True)
    with step_progress() as watch:
        write_city(
            beside,
            seed=seed,
            firms=firms,
            signaling=replace(PRESETS[preset], people=people) if people else None,
            on_progress=lambda share, note: watch(StepProgress("demo city", "progress", round(share * 100), 100, note)),
        )
        watch(StepProgress("demo city", "done"))
    (beside / "written.json").write_text(wanted, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    files = sum(1 for p in folder.rglob("*") if p.is_file())
    out.print(f"Wrote {files} files to {folder}. Build them with: cityhex build demo")


def build(city: str, *, force: bool) -> None:
    """Build a city and say what was read, quarantined, located and skipped."""
    from models.build import build_city  # noqa: PLC0415

    with step_progress() as watch:
        report = build_city(city, load(), on_progress=watch, force=force)
    table = Table(title=f"Build {report.build_id}", title_justify="left", box=None, pad_edge=False)
    table.add_column("source")
    for column in ("read", "loaded", "quarantined"):
        table.add_column(column, justify="right")
    for source in report.sources:
        table.add_row(source.source_id, f"{source.read:,}", f"{source.loaded:,}", f"{source.quarantined:,}")
    out.print(table)
    c = report.conservation
    if c:
        out.print(
            f"{c['subjects']:,} subjects = {c['in_grid']:,} in a grid cell + {c['outside']:,} outside every cell"
            f" + {c['unlocated']:,} in the un-located queue"
        )
    out.print(f"{report.ran} steps run, {report.skipped} unchanged and skipped, {report.seconds:.1f} s.")


def evaluate(city: str, *, presets: tuple[str, ...], people: int, write: bool) -> None:
    """Print how right the signaling of a generated city is, and put the table into the documentation where asked."""
    from layers import truth_table  # noqa: PLC0415
    from models.build.steps import Progress as StepProgress  # noqa: PLC0415
    from models.evaluate import evaluate_city  # noqa: PLC0415

    with step_progress() as watch:

        def told(step: str, done: int, of: int) -> None:
            watch(StepProgress(step, "done" if done == of else "progress", done, of))

        found = evaluate_city(city, load(), presets, people, told)
    out.print(truth_table.on_screen(found))
    missed = sum(figure.met is False for one in found for figure in one.figures)
    out.print(f"{missed} figures miss their bar." if missed else "Every bar is met.")
    if write:
        truth_table.write(found, truth_table.PAGE)
        out.print(f"Wrote {truth_table.PAGE.name}.")


def check(city: str, *, as_json: bool) -> bool:
    """Print the per-source balance of the live build; True when every row is accounted for."""
    from models.checks import check_city  # noqa: PLC0415

    result = check_city(city, load())
    if as_json:
        out.print_json(json.dumps(result.as_dict(), ensure_ascii=False))
        return result.ok
    for balance in result.sources:
        mark = "[green]ok[/]" if balance.ok else "[red]WRONG[/]"
        out.print(
            f"{mark}  {balance.source_id}: {balance.read:,} read = {balance.loaded:,} loaded"
            f" + {balance.quarantined:,} quarantined",
            highlight=False,
        )
    for notice in result.notices:
        out.print(f"[yellow]note[/]  {notice}", highlight=False)
    for problem in result.problems:
        out.print(f"[red]WRONG[/]  {problem}", highlight=False)
    return result.ok


def signaling(city: str) -> bool:
    """Print what the signaling deliveries of a city hold and bear; True when every row is accounted for."""
    from layers import delivery_table  # noqa: PLC0415
    from models.build.signaling_report import report_signaling  # noqa: PLC0415
    from models.build.steps import Progress as StepProgress  # noqa: PLC0415
    from models.profile import load_city  # noqa: PLC0415

    settings = load()
    profile = load_city(city, settings)
    with step_progress() as watch:

        def told(period: str, done: int, of: int) -> None:
            watch(StepProgress(f"read {period}", "done" if done == of else "progress", done, of))

        found = report_signaling(profile, settings, told)
    for one in found:
        for line in delivery_table.lines(one, profile.disclosure_k):
            out.print(line, highlight=False)
    return all(one.balanced for one in found)


def audit_disclosure(city: str) -> bool:
    """Print what an attacker can do with the live build's numbers of people; True when he recovers none."""
    from models.profile import load_city  # noqa: PLC0415
    from models.profile.signaling import load_signaling  # noqa: PLC0415
    from models.signaling.audit import PRODUCTS, audit  # noqa: PLC0415
    from models.store import Store  # noqa: PLC0415

    settings = load()
    profile = load_city(city, settings)
    spec = load_signaling(profile)
    if spec is None:
        out.print(f"{profile.id} has no signaling; nothing to audit", highlight=False)
        return True
    with Store.open(profile.id, settings, read_only=True) as store:
        there = store.products()
        frames = {name: store.product(name).to_pandas() for name in PRODUCTS if name in there}
    findings = audit(frames, profile.disclosure_k, spec.fine_k)
    for found in findings:
        mark = "[red]BROKEN[/]" if found.broken else "[green]ok[/]"
        narrow = "" if found.narrowest != found.narrowest else f", narrowest interval {found.narrowest:,.1f} devices"
        out.print(
            f"{mark}  {found.product} {found.where}, {found.check}: {found.tested:,} tested,"
            f" {found.broken:,} broken{narrow}",
            highlight=False,
        )
    return not any(found.broken for found in findings)


def export(city: str, product: str, path: Path, *, noisy: bool = False) -> None:
    """Write one product of the live build, with stable noise where it is for the public.

    A file whose leaving cannot be logged is taken back.
    """
    from layers.export import write_product  # noqa: PLC0415
    from models.profile import load_city  # noqa: PLC0415
    from models.store import Store  # noqa: PLC0415

    settings = load()
    profile = load_city(city, settings)
    with Store.open(profile.id, settings, read_only=True) as store:
        rows = write_product(store, profile, product, path, noise_key=settings.noise_key() if noisy else None)
    try:
        with Store.open(profile.id, settings) as store:
            what = f"{product} {path.suffix}{' open' if noisy else ''}"
            store.log_access("local", "export", what, rows, at=dt.datetime.now(dt.UTC))
    except StoreError:
        path.unlink(missing_ok=True)
        raise
    out.print(f"Wrote {rows:,} rows to {path}")


def backup(city: str, path: Path) -> None:
    """Save a city's state in one file."""
    from models.profile import load_city  # noqa: PLC0415
    from models.store import Store  # noqa: PLC0415

    settings = load()
    with Store.open(load_city(city, settings).id, settings, read_only=True) as store:
        account = store.backup(path, dt.datetime.now(dt.UTC))
    out.print(
        f"Saved build {account.live_build or 'none'}, {account.decisions:,} decisions and {account.log[0]:,} lines of "
        f"the access log to {path} ({path.stat().st_size / 2**20:,.1f} MB)."
    )
    out.print(
        f"Not in it: the key of person names ({settings.home / 'person.key'}), because whoever holds both can find "
        "persons by name. Keep a copy of the key at another place."
    )


def restore(city: str, path: Path, *, force: bool) -> None:
    """Take a city's state back from a file."""
    from models.profile import load_city  # noqa: PLC0415
    from models.store import Store  # noqa: PLC0415

    settings = load()
    with Store.open(load_city(city, settings).id, settings) as store:
        live = store.restore(path, dt.datetime.now(dt.UTC), force=force)
    out.print(f"Restored {path}; the live build is {live.build_id if live else 'none'}.")


def quarantine(city: str, *, source: str | None, limit: int, out_file: Path | None) -> None:
    """Print rejected rows, or write all of them to a CSV file."""
    import pandas as pd  # noqa: PLC0415

    from layers.export import csv_bytes  # noqa: PLC0415
    from models.profile import load_city  # noqa: PLC0415
    from models.store import Store  # noqa: PLC0415

    settings = load()
    profile = load_city(city, settings)
    with Store.open(profile.id, settings, read_only=True) as store:
        known = [account["source_id"] for account in store.require_live_build().manifest["sources"]]
        if source is not None and source not in known:
            raise UnknownNameError(f"{profile.id} has no source {source}; there are {', '.join(known)}")
        rows, total = store.quarantine_page(source_id=source, limit=min(limit, MAX_LIMIT))
        if out_file is not None:
            more = [store.quarantine_page(at, MAX_LIMIT, source)[0] for at in range(len(rows), total, MAX_LIMIT)]
            rows = pd.concat([rows, *more], ignore_index=True)
    if out_file is not None:
        try:
            out_file.write_bytes(csv_bytes(rows))
        except OSError as error:
            raise StoreError(f"{out_file}: cannot be written ({error.strerror or error})") from error
        out.print(f"Wrote {total:,} rejected rows to {out_file}")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("file", "line", "column", "found", "reason"):
        table.add_column(name, overflow="fold")
    for row in rows.itertuples():
        table.add_row(*(str(v) for v in (row.source_file, row.source_row, row.column, row.found, row.reason)))
    out.print(table)
    out.print(f"{min(limit, total):,} of {total:,} rejected rows.")


def wall_token(city: str, wall: str, *, days: int) -> None:
    """Print the token of one display; it is made anew for every call, and every one is good."""
    from layers.wall import kiosk  # noqa: PLC0415
    from models.profile import load_city  # noqa: PLC0415

    settings = load()
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days) if days else None
    token = kiosk.sign(load_city(city, settings).id, wall, settings.wall_key(), until=until)
    print(token)  # noqa: T201 - for pipes, without colours and line breaks
