"""Plants the episodes: those of new firms before the register ends, those of old firms once it is known."""

from __future__ import annotations

from models.demo.geography import GroundPlan
from models.demo.sites import Sites
from models.demo.streams import Streams
from models.demo.supervision import bursts, money, sectors, shells, veterans
from models.demo.supervision.ground import Ground
from models.demo.supervision.newcomers import Newcomers
from models.demo.supervision.planted import FULL_FROM, Planted
from models.demo.supervision.world import World


def plant(sites: Sites, plan: GroundPlan, known: set[str], streams: Streams, *, firms: int) -> Planted:
    """Plant every episode that needs firms of its own.

    Parameters
    ----------
    known : names of the representatives in the register, which no planted person may bear
    firms : firms of the register; below `FULL_FROM` only a few episodes of each kind are planted

    Returns
    -------
    The planted; the firms to deliver are ``newcomers.frame()``. The buildings of the lawful clusters depend on the seed
    only, so that a city's whitelist holds for any number of firms.
    """
    ground = Ground.of(sites, plan)
    planted = Planted(ground, Newcomers(ground, streams.of("planted firms")), firms >= FULL_FROM)
    bursts.lawful_clusters(planted, streams.of("lawful clusters"))
    shells.shells(planted, streams.of("shells"))
    bursts.address_bursts(planted, streams.of("address bursts"))
    sectors.industry_bursts(planted, streams.of("industry bursts"))
    sectors.surges(planted, streams.of("surges"))
    sectors.collapses(planted, streams.of("collapses"))
    bursts.person_bursts(planted, known, streams.of("person bursts"))
    bursts.agent_bursts(planted, streams.of("agent bursts"))
    money.inflated_capitals(planted, streams.of("inflated capitals"))
    money.wrong_units(planted, streams.of("wrong units"))
    money.finance_scopes(planted, streams.of("finance scopes"))
    money.related_parties(planted, known, streams.of("related parties"))
    return planted


def plant_among(planted: Planted, world: World, streams: Streams) -> None:
    """Plant the episodes among firms of the register; no firm is in two of them."""
    taken: set[str] = set()
    veterans.frequent_changes(planted, world, taken, streams.of("frequent changes"))
    veterans.cycles(planted, world, taken, streams.of("cycles"))
    veterans.sprees(planted, world, taken, streams.of("sprees"))
    veterans.expiries(planted, world, taken, streams.of("expiries"))
