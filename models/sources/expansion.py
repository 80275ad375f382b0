"""One row that holds several records becomes several rows: a census table, a place with other names."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.profile import Indicator, Source

INDICATOR, VALUE, UNIT = "indicator", "value", "unit"
# Columns of the raw rows that say where a record stands in its file.
FILE, LINE = "_file", "_line"


def expanded(raw: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, Source]:
    """Return one row per record, and the manifest that describes them; the index repeats that of ``raw``.

    Parameters
    ----------
    raw : text by header, n rows, with the file and line of each; a record that shares its line with others
        gets a file label of its own, ``file#column`` or ``file#number``, so that every record has its own
        place
    source : with ``indicators`` every one of these columns becomes a row; a gazetteer with a ``separator``
        gets a row per name
    """
    if source.indicators:
        return _indicator_rows(raw, source)
    if source.table == "places" and source.separator is not None:
        header = source.columns["name"]
        names = raw.assign(**{header: raw[header].str.split(source.separator)}).explode(header)
        names[header] = names[header].astype("str").str.strip()
        number = names.groupby(LINE, sort=False).cumcount()
        names[FILE] = names[FILE].where(number == 0, names[FILE] + "#" + (number + 1).astype("str")).astype("str")
        return names, source
    return raw, source


def _indicator_rows(raw: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, Source]:
    kept = raw[[*dict.fromkeys(source.columns.values()), FILE, LINE]]
    parts = [_one_indicator(kept, raw[i.header], i) for i in source.indicators]
    order = np.arange(len(raw) * len(parts)).reshape(len(parts), len(raw)).T.ravel()
    columns = {**source.columns, INDICATOR: INDICATOR, VALUE: VALUE, UNIT: UNIT}
    return pd.concat(parts).iloc[order], source.model_copy(update={"columns": columns})


def _one_indicator(kept: pd.DataFrame, values: pd.Series, indicator: Indicator) -> pd.DataFrame:
    part = kept.copy()
    part[INDICATOR], part[VALUE], part[UNIT] = indicator.name, values, indicator.unit
    part[FILE] = (part[FILE] + "#" + indicator.header).astype("str")
    return part.astype({INDICATOR: "str", UNIT: "str"})


def best_name(texts: pd.Series, separator: str) -> pd.Series:
    """Return the official name among several: the one that ends in 街道, 镇 or 乡, otherwise the first."""
    return texts.map(lambda t: _best(t.split(separator)), na_action="ignore").astype("str")


def _best(names: list[str]) -> str:
    cleaned = [n.strip() for n in names if n.strip()]
    for ending in ("街道", "镇", "乡"):
        official = [n for n in cleaned if n.endswith(ending)]
        if official:
            return official[0]
    return cleaned[0] if cleaned else ""
