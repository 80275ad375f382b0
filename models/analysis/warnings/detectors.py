"""Which function stands behind each detector a rule may name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from models.analysis.warnings import (
    capital,
    changes,
    clusters,
    concentration,
    fundraising,
    holdings,
    licences,
    presence,
    sectors,
)
from models.analysis.warnings.address_keys import Lawful, address_keys
from models.analysis.warnings.candidates import Candidates, Inputs
from models.rules.warning_rules import WarningRule

Detector = Callable[[Inputs, WarningRule], Candidates]

FUNCTIONS: dict[str, Detector] = {
    "address_burst": concentration.address_burst,
    "address_crowded": concentration.address_crowded,
    "person_burst": concentration.person_burst,
    "contact_burst": concentration.contact_burst,
    "capital_outlier": capital.capital_outlier,
    "capital_fault": capital.capital_fault,
    "capital_jump": holdings.capital_jump,
    "investment_burst": holdings.investment_burst,
    "holding_cycle": holdings.holding_cycle,
    "frequent_changes": changes.frequent_changes,
    "scope_drift": changes.scope_drift,
    "scan_cluster": clusters.scan_cluster,
    "sector_surge": sectors.sector_surge,
    "sector_collapse": sectors.sector_collapse,
    "present_gap": presence.present_gap,
    "fundraising_words": fundraising.fundraising_words,
    "fundraising_scope": fundraising.fundraising_scope,
    "penalised_relatives": fundraising.penalised_relatives,
    "licence_expiring": licences.licence_expiring,
    "licence_expired": licences.licence_expired,
    "listing_three_years": licences.listing_three_years,
}


def look(
    subjects: pd.DataFrame,
    records: Mapping[str, pd.DataFrame],
    as_of: pd.Timestamp,
    *,
    whitelist: tuple[Lawful, ...] = (),
    disclosure_k: int = 10,
) -> Inputs:
    """Return what the detectors look at, with the address keys made once."""
    own = subjects.reset_index(drop=True)
    return Inputs(own, records, as_of, whitelist, disclosure_k, address_keys(own["address"]))


def detect(inputs: Inputs, rules: Iterable[WarningRule]) -> list[Candidates]:
    """Return the candidates of every rule that is in force on the business date."""
    today = inputs.as_of.date()
    return [FUNCTIONS[rule.detector](inputs, rule) for rule in rules if rule.holds_on(today)]
