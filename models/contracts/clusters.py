"""Contracts of the statistics of early warning: clusters in space and time, hot spots, alarms of area series."""

from __future__ import annotations

from dataclasses import replace

from models.contracts.column import Column, Contract
from models.contracts.products import AREA, H3, RESOLUTION
from models.contracts.tables import DISTRICT, LAT, LON, SECTION

_SECTION = Column(
    "section", "str", "industry section of the cases; missing for all sections", nullable=True, pattern=SECTION
)
_P = Column("p_value", "float", "probability of as much under chance alone", nullable=True, minimum=0, maximum=1)
_Q = Column("q_value", "float", "p-value adjusted for the false discovery rate", nullable=True, minimum=0, maximum=1)
_MEMBERS = Column(
    "subject_ids",
    "str",
    "codes of the legal persons counted, a JSON list of at most 200",
    nullable=True,
    sensitivity="internal",
)
_RATE_COLUMNS = (
    Column("existing", "int", "legal persons before the window", minimum=0),
    Column("new", "int", "legal persons registered in the window", minimum=0),
    Column("rate", "float", "new ones per existing one; missing where too few exist", nullable=True, minimum=0),
    Column("neighbours", "int", "adjoining places with a rate", minimum=0),
    Column(
        "mark",
        "str",
        "why the place is not tested, or only weakly",
        nullable=True,
        allowed=("no_rate", "island", "one_neighbour"),
    ),
    Column("gi_star", "float", "Gi* of Ord and Getis, standard deviations", nullable=True),
    _P,
    _Q,
    Column("kind", "str", "finding after adjustment", nullable=True, allowed=("hot", "cold", "none")),
    Column("local_moran", "float", "local Moran's I", nullable=True),
    Column(
        "quadrant", "str", "own rate and that of the neighbours, high or low", nullable=True,
        allowed=("HH", "LL", "HL", "LH"),
    ),
    Column("window_from", "date", "first day of the window"),
    Column("window_to", "date", "last day of the window"),
)  # fmt: skip

CLUSTERS = (
    Contract(
        "scan_clusters",
        "product",
        "one cluster of registrations in space and time, as seen on one day",
        (
            Column("cluster_id", "str", "name that a cluster keeps from week to week", pattern="[0-9a-f]{16}"),
            Column("analysed_on", "date", "day up to which registrations were known"),
            _SECTION,
            Column("start", "date", "first day of the window"),
            Column("end", "date", "last day of the window"),
            Column("observed", "int", "registrations in zone and window", minimum=1),
            Column("expected", "float", "expected registrations", minimum=0),
            Column("llr", "float", "log likelihood ratio", minimum=0),
            replace(_P, description="(1 + replicates at least as high) / (replicates + 1)"),
            Column("p_gumbel", "float", "p from the Gumbel fit of the replicates", nullable=True, minimum=0, maximum=1),
            Column("recurrence_days", "float", "days between such clusters by chance", "d", nullable=True, minimum=0),
            RESOLUTION,
            Column("cells", "str", "H3 cells of the zone, the core first, then those with most cases, a JSON list"),
            Column("centre_h3", "uint64", "H3 cell of the core, where the excess sits"),
            replace(LON, nullable=False, description="longitude of that cell"),
            replace(LAT, nullable=False, description="latitude of that cell"),
            Column("radius_cells", "int", "rings from that cell to the farthest of the zone", minimum=0),
            DISTRICT,
            Column("grid_code", "str", "supervision grid cell of most cases at the core", nullable=True),
            _MEMBERS,
            Column("rank", "int", "order of the day by recurrence, 1 = rarest by chance", minimum=1),
        ),
        ("cluster_id", "analysed_on"),
    ),
    Contract(
        "hot_spots",
        "product",
        "rate of new legal persons of one hexagon against its neighbours",
        (H3, RESOLUTION, *_RATE_COLUMNS),
        ("h3",),
    ),
    Contract(
        "hot_spots_by_area",
        "product",
        "rate of new legal persons of one grid cell against its neighbours",
        (*AREA, *_RATE_COLUMNS),
        ("area_code", "area_level"),
    ),
    Contract(
        "area_alarms",
        "product",
        "one week in which an area registered more than it should",
        (
            *AREA,
            _SECTION,
            Column("week", "date", "first of the seven days"),
            Column("observed", "int", "registrations of the week", minimum=0),
            Column("counted", "float", "the same with the excess of batch days taken out", minimum=0),
            Column("expected", "float", "expected registrations", minimum=0),
            Column("upper", "float", "upper bound of the expected range", minimum=0),
            Column("score", "float", "excess as a share of the way to the upper bound; above 1 is an alarm"),
            _P,
            _Q,
            Column("method", "str", "how the bound was found", allowed=("farrington", "ears", "cusum")),
            _MEMBERS,
        ),
        ("area_code", "area_level", "section", "week", "method"),
    ),
)
