"""What `cityhex signaling` prints of one period's deliveries, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from models.build.signaling_report import PeriodReport


def lines(report: PeriodReport, k: int) -> Iterator[str]:
    """Sentences about one period, with marks for the terminal.

    Parameters
    ----------
    k : threshold below which numbers of devices are not told
    """
    account = report.account
    mark = "[green]ok[/]" if report.balanced else "[red]WRONG[/]"
    apart = " + ".join(f"{rows:,} {reason}" for reason, rows in sorted(account.set_aside.items())) or "0"
    yield f"{mark}  {report.period.name}: {account.read:,} rows read = {account.used:,} used + set aside {apart}"
    for reason, where in sorted(account.first.items()):
        yield f"[yellow]note[/]  first {reason}: {where}"
    yield "      flags: " + ", ".join(f"{count:,} {name}" for name, count in report.flags.items() if count)
    if report.unplaced_cells:
        yield (
            f"[yellow]note[/]  {report.unplaced_cells:,} of {report.cells:,} cells have no coordinates;"
            f" {report.unplaced_events:,} events there are kept and flagged, and stand nowhere on the map"
        )
    else:
        yield f"      {report.cells:,} cells, all with coordinates"
    if report.crowded_cells is not None:
        yield f"      {report.crowded_cells:,} cells served at least {k} devices over the period"
    yield from _night(report, k)
    told = (f"{f'fewer than {k}' if n is None else format(n, ',')} {what}" for what, n in report.devices.items())
    yield "      devices: " + ", ".join(told)
    if report.spread is not None:
        near, middle, far = report.spread
        yield f"      device to serving cell at 10, 50, 90 %: {near:,.0f}, {middle:,.0f}, {far:,.0f} m"


def _night(report: PeriodReport, k: int) -> Iterator[str]:
    night = report.night
    if night is None or night.by_night is None or night.user_days < k:
        return
    hours = f"from {night.rule.from_hour:02}:00 to {night.rule.to_hour:02}:00"
    share = f"{_share(night.by_night, night.user_days, k)} of {night.user_days:,} user-days have an event {hours}"
    if night.sufficient:
        yield f"      {share}"
    else:
        yield (
            f"[yellow]note[/]  coverage insufficient: {share}, at least {night.rule.min_share:.0%} are needed;"
            " no home is named"
        )
    yield "      user-days seen by hour: " + " ".join(_share(int(n), night.user_days, k) for n in night.by_hour)


def _share(count: int, of: int, k: int) -> str:
    """A share in per cent; a sign where fewer than k stand behind it."""
    return f"<{k}" if 0 < count < k else f"{count / of:.0%}"
