"""What one computing step of a build is: the frames it needs, what it makes, and the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from models import contracts
from models.profile import City

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Analysis:
    """One computing step.

    Attributes
    ----------
    name : name of the step
    needs : tables and products it reads; the step is left out where the city lacks one
    makes : products it returns
    run : from the city and the needed frames (by name) to the products; the frame ``clock`` holds the business date
    wishes : tables it reads where the city has them; the frame is empty where it has not
    unless : tables or products whose presence makes this step needless
    rules : files or folders below ``data/`` that it reads; a change of one runs the step again
    decisions : files of the city's profile folder that it reads, such as ``whitelist.toml``; the same
    """

    name: str
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    run: Callable[[City, Frames], Frames]
    wishes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


def wished(analysis: Analysis, frames: Frames) -> Frames:
    """Add an empty frame for every wish the city cannot fill."""
    return {**frames, **{name: contracts.empty(name) for name in analysis.wishes if name not in frames}}
