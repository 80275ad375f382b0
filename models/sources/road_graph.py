"""Reads a street network written as GraphML (OSMnx), plain or gzipped: one row per edge."""

from __future__ import annotations

import gzip
import re
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from models.errors import SourceError
from models.profile import Source
from models.sources.files import FoundFile
from models.sources.raw import RawRows, needed_headers, require_headers
from models.sources.result import ShareRead
from models.sources.workbook import cell_text

EDGE_ID = "edge_id"
_FIRST_OF_LIST = re.compile(r"^\[\s*['\"]?(.*?)['\"]?\s*(?:,.*)?\]$", re.DOTALL)


def read_road_graph(file: FoundFile, source: Source, on_progress: ShareRead | None = None) -> RawRows:
    """Read the edges of a street network.

    The header ``edge_id`` stands for the two ends and the number of the edge. OSMnx writes several values
    of one edge as a list in a text, ``['60', '40']``; the first one is taken and the number of such edges
    is noted. An edge without a line of its own is the straight line between its ends. A row's line is the
    number of the edge from 1.

    Raises
    ------
    SourceError : not GraphML, truncated, a needed attribute absent, or no reference system
    """
    graph = _graph(file)
    crs = source.datum or str(graph.graph.get("crs", "")).upper()
    if not crs:
        raise SourceError(file.label, "the network carries no reference system and the manifest declares no datum")
    edges = list(graph.edges(keys=True, data=True))
    present = [EDGE_ID, *dict.fromkeys(k for *_, data in edges for k in data)]
    require_headers(file.label, source, present)
    rows = [{EDGE_ID: f"{u}-{v}-{key}", **data} for u, v, key, data in edges]
    columns: dict[str, Any] = {}
    notes = []
    for header in needed_headers(source):
        texts = [cell_text(row.get(header)) for row in rows]
        firsts = [_first(t) for t in texts]
        changed = sum(a != b for a, b in zip(texts, firsts, strict=True))
        if changed:
            notes.append(f"{file.label}: {changed} edges have several values of {header!r}; the first was taken")
        columns[header] = pd.Series([None if t in source.nulls else t for t in firsts], dtype="str")
    columns["geometry"] = np.array([_line(graph, u, v, data) for u, v, _, data in edges], dtype=object)
    if on_progress is not None:
        on_progress(1.0)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(edges)))
    return RawRows(frame, np.arange(1, len(edges) + 1, dtype=np.int64), (), crs, tuple(notes))


def _graph(file: FoundFile) -> nx.MultiDiGraph:
    try:
        if file.path.suffix == ".gz":
            with gzip.open(file.path, "rb") as stream:
                return nx.MultiDiGraph(nx.read_graphml(stream, force_multigraph=True))
        return nx.MultiDiGraph(nx.read_graphml(file.path, force_multigraph=True))
    except (OSError, EOFError, SyntaxError, nx.NetworkXError) as error:
        raise SourceError(file.label, f"cannot be read as GraphML ({error})", hint="Fetch it again") from error


def _first(text: str | None) -> str | None:
    found = _FIRST_OF_LIST.match(text) if text else None
    return found.group(1) or None if found else text


def _line(graph: nx.MultiDiGraph, u: str, v: str, data: dict[str, Any]) -> shapely.LineString | None:
    if "geometry" in data:
        return shapely.from_wkt(data["geometry"], on_invalid="ignore")
    try:
        ends = [(float(graph.nodes[n]["x"]), float(graph.nodes[n]["y"])) for n in (u, v)]
    except (KeyError, ValueError):
        return None
    return shapely.LineString(ends)
