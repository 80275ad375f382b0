"""Proof that nothing was lost: for every source of a build, rows read = rows loaded + rows quarantined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.profile import load_city
from models.settings import Settings
from models.store import Store


@dataclass(frozen=True)
class Balance:
    """The account of one source: ``read`` as the reader counted, the rest as counted in the store."""

    source_id: str
    table: str
    read: int
    loaded: int
    quarantined: int

    @property
    def ok(self) -> bool:
        """Whether every row is accounted for."""
        return self.read == self.loaded + self.quarantined


@dataclass(frozen=True)
class CheckResult:
    """Balances of all sources, what is wrong besides, and what a person should look at; each one sentence."""

    city: str
    build_id: str
    sources: tuple[Balance, ...]
    problems: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every account balances and nothing else is wrong."""
        return not self.problems and all(balance.ok for balance in self.sources)

    def as_dict(self) -> dict[str, Any]:
        """JSON form: everything, plus ``ok`` for the whole and for each source."""
        sources = [{**asdict(b), "ok": b.ok} for b in self.sources]
        return {
            "city": self.city,
            "build_id": self.build_id,
            "ok": self.ok,
            "sources": sources,
            "problems": list(self.problems),
            "notices": list(self.notices),
        }


def check_city(name_or_path: str, settings: Settings) -> CheckResult:
    """Balance the live build of a city against the rows that stand in its store.

    Raises
    ------
    NotBuiltError : the city has no build
    """
    city = load_city(name_or_path, settings)
    with Store.open(city.id, settings, read_only=True) as store:
        build = store.require_live_build()
        loaded, quarantined = store.rows_by_source(), store.quarantined_by_source()
        manifest = build.manifest
        sources = tuple(
            Balance(
                s["source_id"],
                s["table"],
                s["read"],
                loaded.get((s["table"], s["source_id"]), 0),
                quarantined.get(s["source_id"], 0),
            )
            for s in manifest["sources"]
        )
        problems = []
        account = manifest.get("conservation") or {}
        if account and account["subjects"] != account["in_grid"] + account["outside"] + account["unlocated"]:
            problems.append(f"subjects do not add up: {account}")
        firms = store.count("legal_persons")
        if account and firms != account["subjects"]:
            problems.append(f"the table legal_persons holds {firms:,} rows, the build fused {account['subjects']:,}")
    return CheckResult(city.id, build.build_id, sources, tuple(problems), _notices(manifest))


def _notices(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """What the readers did on their own, and what is not whole about the supervision grid."""
    notices = [f"{source['source_id']}: {note}" for source in manifest["sources"] for note in source["notes"]]
    for step in manifest["steps"]:
        if step["info"].get("night_sufficient") is False:
            share = step["info"]["night_share"]
            notices.append(
                f"{step['name']}: coverage insufficient: {share:.1%} of the user-days have an event by night;"
                " no home is named and nothing is published of its people"
            )
    grid: Mapping[str, Any] = next((step["info"] for step in manifest["steps"] if step["name"] == "grids"), {})
    for found in grid.get("first_findings", ()):
        area = "" if found["area_km2"] is None else f", {found['area_km2']:.3f} km2"
        other = "" if found["other_code"] is None else f" with {found['other_code']}"
        notices.append(f"supervision cell {found['grid_code']}: {found['problem']}{other}{area}")
    if grid.get("findings", 0) > len(grid.get("first_findings", ())):
        notices.append(f"{grid['findings']:,} findings about the supervision grid in all; the first are listed")
    seats = grid.get("seats_without_cell", ())
    notices += [f"town seat {seat['name']} ({seat['town_code']}) makes no cell: {seat['reason']}" for seat in seats]
    return tuple(notices)
