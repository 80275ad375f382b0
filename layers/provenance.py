"""Where a layer's values come from: sources, licences, dates, build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from layers import text
from layers.layer import Layer
from layers.products import Products
from models.contracts.population import POPULATION_PRODUCTS
from models.contracts.roads import ROAD_PRODUCTS
from models.profile import City
from models.profile.signaling import load_signaling

SIGNALING = frozenset(contract.name for contract in (*POPULATION_PRODUCTS, *ROAD_PRODUCTS))
"""Products that come from signaling and from no table."""


@dataclass(frozen=True)
class SourceLine:
    """One source as the profile describes it; title, licence and attribution are language -> text."""

    id: str
    title: Mapping[str, str]
    licence: Mapping[str, str]
    attribution: Mapping[str, str]
    vintage: str

    def said(self, lang: str) -> dict[str, str]:
        """The line with its texts in one language."""
        return {name: text.pick(value, lang) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Provenance:
    """Provenance of one layer in one build.

    Attributes
    ----------
    sources : the files' sources
    date : day or year up to which the data reach, as text, "" where no source says
    build_id : the build
    products : products that were read
    synthetic : whether the city is generated
    """

    sources: tuple[SourceLine, ...]
    date: str
    build_id: str
    products: tuple[str, ...]
    synthetic: bool

    def source_text(self, lang: str) -> str:
        """The titles of the sources in one line."""
        titles = dict.fromkeys(text.pick(line.title, lang) for line in self.sources)
        return text.text("note.source_join", lang).join(titles) if titles else ""


def of_tables(city: City, tables: tuple[str, ...]) -> tuple[SourceLine, ...]:
    """The sources that fill the tables, in that order, each once."""
    found = {s.id: s for table in tables for s in city.sources_of(table)}
    return tuple(SourceLine(s.id, s.title, s.licence, s.attribution, str(s.vintage or "")) for s in found.values())


def of_signaling(city: City) -> tuple[SourceLine, ...]:
    """The signaling as a source, with the dates of its latest period; none where the city has no settings of it."""
    spec = load_signaling(city)
    if spec is None:
        return ()
    last = spec.periods[-1]
    title = "signaling.title_simulated" if city.demo else "signaling.title_delivered"
    names = "signaling.attribution_simulated" if city.demo else "signaling.attribution_delivered"
    days = f"{last.first.isoformat()}/{last.last.isoformat()}"
    return (SourceLine("signaling", _every(title), _every("signaling.licence"), _every(names), days),)


def _every(key: str) -> dict[str, str]:
    """One text in every language."""
    return {lang: text.text(key, lang) for lang in text.languages()}


def of_parts(layer: Layer, city: City) -> tuple[SourceLine, ...]:
    """Every source of a layer: the signaling first, then those of its tables."""
    own = of_signaling(city) if SIGNALING & set(layer.reads) else ()
    return (*own, *of_tables(city, layer.tables))


def of_layer(layer: Layer, city: City, products: Products) -> Provenance:
    """The provenance of a layer; the signaling, else the first of its tables that has a source, gives the date."""
    lines = of_parts(layer, city)
    if lines and lines[0].id == "signaling":
        date = lines[0].vintage.rpartition("/")[2]
    else:
        first = next((found for table in layer.tables if (found := of_tables(city, (table,)))), ())
        date = max((line.vintage for line in first), default="")
    return Provenance(lines, date, products.build_id, layer.reads, city.demo)
