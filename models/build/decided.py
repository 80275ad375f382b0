"""What people decided since the last build, as frames that computing steps read like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pandas as pd

from models import contracts
from models.build.steps import Outcome, StepRunner
from models.store import Store


def decided(store: Store) -> dict[str, pd.DataFrame]:
    """Return the frames ``published_rules`` and ``confirmed_warnings`` on contract.

    Of every rule only the version approved last is in the first; a draft that nobody approved is never part of it.
    A confirmed warning the firm objects to does not count until that is decided.
    """
    approved = store.drafts(state="approved").sort_values(["decided_at", "draft_id"])
    last = approved.drop_duplicates(["kind", "name"], keep="last")
    rules = pd.DataFrame(
        {
            "kind": last["kind"],
            "rule_id": last["name"],
            "version": last["version"],
            "text": last["content"],
            "author": last["author"],
            "approved_by": last["decided_by"],
        }
    ).reset_index(drop=True)
    contested = store.contested()
    disputed = contested.loc[contested["table_name"] == "casework_warnings", "record_id"]
    confirmed = store.confirmed_warnings()
    confirmed = confirmed[~confirmed["warning_key"].isin(disputed)].reset_index(drop=True)
    return {
        "published_rules": contracts.conform("published_rules", rules),
        "confirmed_warnings": contracts.conform("confirmed_warnings", confirmed),
    }


def decided_steps(frames: Mapping[str, pd.DataFrame], runner: StepRunner) -> dict[str, Outcome]:
    """Keep the frames as steps whose key is their content, so that a decision runs again what depends on it alone."""
    return {name: _kept(name, frame, runner) for name, frame in frames.items()}


def _kept(name: str, frame: pd.DataFrame, runner: StepRunner) -> Outcome:
    content = frame.to_json(orient="records", date_format="iso", force_ascii=False)
    params = {"content": hashlib.sha256(content.encode()).hexdigest()}
    return runner.run(f"decided {name}", lambda: ({name: frame}, {"rows": len(frame)}), params=params)
