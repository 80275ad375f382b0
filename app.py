"""The front door of Cityhex: the command line, and the app factory that a WSGI server calls."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import CityhexError

if TYPE_CHECKING:
    from flask import Flask

    from models.settings import Settings

cli = typer.Typer(
    name="cityhex",
    help="A city's legal persons, supervision grids and population on one map of H3 hexes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

CityArgument = Annotated[
    str, typer.Argument(help="Name of a profile under data/cities, or the path of a profile folder.", metavar="CITY")
]


class Difficulty(StrEnum):
    """How well the operator of the demo city sees its people."""

    EASY = "easy"
    REAL = "real"
    HARD = "hard"


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Start without looking for garbage: modules are none, and looking through them takes a tenth of the time.

    What was loaded is left out of every later search too, so that worker processes go on sharing its memory.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def create_app(city_name: str | None = None, settings: Settings | None = None) -> Flask:
    """Make the WSGI application of one city.

    Parameters
    ----------
    city_name : profile name or path; the variable ``CITYHEX_CITY`` or ``demo`` where it is not given
    settings : settings of the process; read from the environment where not given

    Raises
    ------
    NotBuiltError : the city has no build yet
    """
    with collecting_nothing():
        from layers.server import make_server  # noqa: PLC0415 - the command line must answer --help without these
        from models.settings import load  # noqa: PLC0415

    return make_server(city_name or os.environ.get("CITYHEX_CITY", "demo"), settings or load())


@cli.command(epilog="Example: cityhex demo --firms 5000")
def demo(
    firms: Annotated[int, typer.Option(help="Number of firms in the register.", min=1_000)] = 26_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 2015,
    people: Annotated[int, typer.Option(help="Persons with mobile signaling; 0 writes none.", min=0)] = 24_000,
    preset: Annotated[Difficulty, typer.Option(help="How well the operator sees them.")] = Difficulty.REAL,
    keep: Annotated[bool, typer.Option("--keep", help="Do nothing where the files are there already.")] = False,
) -> None:
    """Write the files of the generated demo city, and the truth beside them."""
    from layers import console  # noqa: PLC0415

    console.demo(firms=firms, seed=seed, people=people, preset=preset.value, keep=keep)


@cli.command(epilog="Example: CITYHEX_SHARED=../shared cityhex build chongqing")
def build(
    city: CityArgument,
    force: Annotated[bool, typer.Option("--force", help="Run every step again.")] = False,
) -> None:
    """Read a city's files, locate every subject, compute the products and publish them as one build."""
    from layers import console  # noqa: PLC0415

    console.build(city, force=force)


@cli.command(epilog="Example: cityhex check demo --json")
def check(
    city: CityArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prove that for every source rows read = rows loaded + rows quarantined; exit 1 otherwise."""
    from layers import console  # noqa: PLC0415

    if not console.check(city, as_json=as_json):
        raise typer.Exit(1)


@cli.command(epilog="Example: cityhex evaluate demo --preset easy --preset real --preset hard --write")
def evaluate(
    city: CityArgument = "demo",
    preset: Annotated[
        list[Difficulty] | None, typer.Option(help="Generate this difficulty and evaluate it; repeat for several.")
    ] = None,
    people: Annotated[int, typer.Option(help="Persons drawn for a difficulty.", min=500)] = 24_000,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/truth.md.")] = False,
) -> None:
    """Hold what the signaling says of a generated city against the truth: figures with their bars."""
    from layers import console  # noqa: PLC0415

    console.evaluate(city, presets=tuple(p.value for p in preset or ()), people=people, write=write)


@cli.command(epilog="Example: CITYHEX_SHARED=../shared cityhex signaling beijing")
def signaling(city: CityArgument) -> None:
    """Read a city's signaling deliveries and say what they bear; exit 1 when a row is not accounted for."""
    from layers import console  # noqa: PLC0415

    if not console.signaling(city):
        raise typer.Exit(1)


@cli.command("audit-disclosure", epilog="Example: cityhex audit-disclosure demo")
def audit_disclosure(city: CityArgument) -> None:
    """Attack the published numbers of people; exit 1 when one can be bounded within k devices."""
    from layers import console  # noqa: PLC0415

    if not console.audit_disclosure(city):
        raise typer.Exit(1)


@cli.command(epilog="Example: cityhex serve demo --port 8060 --workers 4")
def serve(
    city: CityArgument = "demo",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8050,
    workers: Annotated[int, typer.Option(help="Number of worker processes.", min=1, max=64)] = 1,
) -> None:
    """Serve the city's last build to browsers."""
    with collecting_nothing():
        from layers import server  # noqa: PLC0415
        from models.settings import load  # noqa: PLC0415

    server.serve(city, load(), host=host, port=port, workers=workers)


@cli.command(epilog="Example: cityhex export demo subjects_by_cell --out cells.gpkg")
def export(
    city: CityArgument,
    product: Annotated[str, typer.Argument(help="Name of a product; an unknown one lists those there are.")],
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx, .parquet or .gpkg.")],
    for_public: Annotated[
        bool, typer.Option("--open", help="With stable noise on every count of people, for an open copy.")
    ] = False,
) -> None:
    """Write one product of the last build to a file."""
    from layers import console  # noqa: PLC0415

    console.export(city, product, out, noisy=for_public)


@cli.command(epilog="Example: cityhex quarantine demo --source register-2019 --out rejected.csv")
def quarantine(
    city: CityArgument,
    source: Annotated[str | None, typer.Option(help="Only rows of this source.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to print.", min=1)] = 20,
    out: Annotated[Path | None, typer.Option(help="Write all of them to this CSV file instead.")] = None,
) -> None:
    """Show the rows that were not loaded, each with file, line, column, what was found and why."""
    from layers import console  # noqa: PLC0415

    console.quarantine(city, source=source, limit=limit, out_file=out)


@cli.command(epilog="Example: cityhex backup chongqing --out chongqing-2026-03-01.zip")
def backup(
    city: CityArgument,
    out: Annotated[Path, typer.Option(help="File to write; it is replaced where it exists.")],
) -> None:
    """Save a city's tables, decisions, access log and products in one file, also while it is in use."""
    from layers import console  # noqa: PLC0415

    console.backup(city, out)


@cli.command(epilog="Example: cityhex restore chongqing chongqing-2026-03-01.zip")
def restore(
    city: CityArgument,
    file: Annotated[Path, typer.Argument(help="A file that cityhex backup wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Restore even where newer decisions are lost.")] = False,
) -> None:
    """Take a city back to the moment of a backup; refused where people have decided or exported since."""
    from layers import console  # noqa: PLC0415

    console.restore(city, file, force=force)


@cli.command("wall-token", epilog="Example: cityhex wall-token chongqing hall --days 365")
def wall_token(
    city: CityArgument,
    wall: Annotated[str, typer.Argument(help="Name of the display: small letters, digits, dashes.", metavar="WALL")],
    days: Annotated[int, typer.Option(help="Days it is good for; 0 is without end.", min=0)] = 0,
) -> None:
    """Print the token that lets one display read the wall of a city, and nothing else."""
    from layers import console  # noqa: PLC0415

    console.wall_token(city, wall, days=days)


def main() -> None:
    """Run the command line; an expected failure is one paragraph and an exit code, never a traceback."""
    try:
        cli()
    except CityhexError as error:
        typer.secho(f"cityhex: {error}", err=True, fg=typer.colors.RED)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.argv += ["serve", os.environ.get("CITYHEX_CITY", "demo")]
    main()
