"""Plain classification of one subject after another: what the columns must equal, and what they are timed against."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

import pandas as pd

from models.analysis.classification.relations import building_codes, group_codes
from models.rules.scorecard import Scorecard

NAN = float("nan")


class Plain:
    """One subject at a time, straight from the record tables."""

    def __init__(self, subjects: pd.DataFrame, records: Mapping[str, pd.DataFrame], card: Scorecard) -> None:
        self.card = card
        self.rows = subjects.to_dict("records")
        self.recorded = {name: len(frame) > 0 for name, frame in records.items()}
        self.of: dict[str, dict[str, list[dict]]] = {}
        for name, frame in records.items():
            groups: dict[str, list[dict]] = {}
            for row in frame.to_dict("records"):
                groups.setdefault(row["subject_id"], []).append(row)
            self.of[name] = groups
        self.building = dict(zip(subjects["uscc"], building_codes(subjects)[0], strict=True))
        self.person = dict(zip(subjects["uscc"], group_codes(subjects["representative_key"]), strict=True))
        self.sharing: dict[tuple[str, int], list[dict]] = {}
        for row in self.rows:
            self.sharing.setdefault(("b", self.building[row["uscc"]]), []).append(row)
            self.sharing.setdefault(("p", self.person[row["uscc"]]), []).append(row)
        self.holders: dict[str, list[dict]] = {}
        for row in records["investments"].to_dict("records"):
            if isinstance(row["investor_key"], str):
                self.holders.setdefault(row["investor_key"], []).append(row)
        self.sections: dict[object, list[float]] = {}
        for row in self.rows:
            if self.capital(row) == self.capital(row):
                self.sections.setdefault(row["industry_section"], []).append(self.capital(row))
        reports = records["annual_reports"]
        self.first_report = int(reports["report_year"].min()) if len(reports) else 0
        self.inspection_days = {
            row["inspection_id"]: row["inspected_on"] for row in records["inspections"].to_dict("records")
        }

    @staticmethod
    def capital(row: dict) -> float:
        ok = row["capital_flag"] == "ok" and row["capital_cny"] > 0
        return row["capital_cny"] if ok else NAN

    def weight(self, age_days: float) -> float:
        year = int(age_days / 365.25)
        weights = self.card.decay_by_year
        return weights[year] if year < len(weights) else 0.0

    def decayed(self, table: str, uscc: str, column: str, day: pd.Timestamp, keep=lambda row: True) -> float:
        if not self.recorded[table]:
            return NAN
        rows = [r for r in self.of[table].get(uscc, []) if keep(r) and r[column] <= day]
        return round(sum(self.weight((day - r[column]).days) for r in rows), 6)

    def visits(self, uscc: str, day: pd.Timestamp) -> list[dict]:
        found: dict[pd.Timestamp, dict] = {}
        for row in self.of["inspections"].get(uscc, []):
            if row["kind"] not in ("routine", "special", "complaint", "warning") or row["inspected_on"] > day:
                continue
            visit = found.setdefault(
                row["inspected_on"], {"fault": 0, "serious": 0, "score": NAN, "findings": 0, "high": 0}
            )
            visit["fault"] = max(visit["fault"], row["result"] in ("rectify", "penalty", "transferred"))
            visit["serious"] = max(visit["serious"], row["result"] in ("penalty", "transferred"))
            visit["score"] = row["score"] if not visit["score"] <= row["score"] else visit["score"]
        for row in self.of["findings"].get(uscc, []):
            when = self.inspection_days.get(row["inspection_id"], row["found_on"])
            if when in found:
                found[when]["findings"] += 1
                found[when]["high"] += row["severity"] == "high"
                found[when]["fault"] = 1
                found[when]["serious"] = max(found[when]["serious"], row["severity"] == "high")
        return [found[day] for day in sorted(found)]

    def indicators(self, row: dict, day: pd.Timestamp) -> dict[str, float]:
        uscc = row["uscc"]
        found: dict[str, float] = {}
        born = row["established_on"]
        found["age_years"] = NAN if pd.isna(born) else (day - born).days / 365.25
        peers = sorted(self.sections.get(row["industry_section"], []))
        middle = len(peers) // 2
        median = NAN if not peers else peers[middle] if len(peers) % 2 else (peers[middle - 1] + peers[middle]) / 2
        capital = self.capital(row)
        found["capital_ratio"] = math.log10(capital / median) if capital == capital else NAN
        reports = sorted(
            (r for r in self.of["annual_reports"].get(uscc, []) if r["filed_on"] <= day), key=lambda r: r["filed_on"]
        )
        paid = [r["paid_in_cny"] for r in reports if r["paid_in_cny"] == r["paid_in_cny"]]
        found["paid_in_share"] = paid[-1] / capital if paid and capital == capital else NAN
        last = day.year - 1 if (day.month, day.day) > (6, 30) else day.year - 2
        due = [y for y in (last - 1, last) if y >= self.first_report and (pd.isna(born) or born.year <= y)]
        found["reports_missing"] = (
            sum(y not in {r["report_year"] for r in reports} for y in due) if self.recorded["annual_reports"] else NAN
        )
        listings = [r for r in self.of["listings"].get(uscc, []) if r["listed_on"] <= day]
        for name, kind in (("abnormal_now", "abnormal"), ("serious_now", "serious")):
            on = any(r["list"] == kind and not r["removed_on"] <= day for r in listings)
            found[name] = float(on) if self.recorded["listings"] else NAN
        found["abnormal_past"] = self.decayed(
            "listings", uscc, "removed_on", day, lambda r: r["list"] == "abnormal" and r["removal"] != "correction"
        )
        changes = [r for r in self.of["changes"].get(uscc, []) if 0 <= (day - r["changed_on"]).days <= 364]
        found["changes_12m"] = float(len(changes)) if self.recorded["changes"] else NAN
        latest: dict[str, pd.Timestamp] = {}
        for r in self.of["licences"].get(uscc, []):
            if r["issued_on"] <= day and not r["revoked_on"] <= day:
                ends = pd.Timestamp.max if pd.isna(r["expires_on"]) else r["expires_on"]
                latest[r["kind"]] = max(latest.get(r["kind"], pd.Timestamp.min), ends)
        found["licences_expired"] = float(sum(e < day for e in latest.values())) if self.recorded["licences"] else NAN
        scope = row["scope_text"]
        groups = self.card.risk_words.values()
        found["scope_risk_words"] = sum(any(w in scope for w in ws) for ws in groups) if isinstance(scope, str) else NAN
        looked = self.recorded["inspections"]
        for name, keep in (("findings", lambda r: True), ("findings_high", lambda r: r["severity"] == "high")):
            value = self.decayed("findings", uscc, "found_on", day, keep)
            found[name] = value if looked else NAN
        found["penalties"] = self.decayed("penalties", uscc, "decided_on", day)
        found["unreachable"] = self.decayed(
            "inspections", uscc, "inspected_on", day, lambda r: r["result"] == "unreachable"
        )
        found["warnings_confirmed"] = self.decayed("confirmed_warnings", uscc, "closed_on", day)
        taken = any(r["issued_on"] <= day and r["revoked_on"] <= day for r in self.of["licences"].get(uscc, []))
        struck = any(r["kind"] == "revocation" and r["decided_on"] <= day for r in self.of["penalties"].get(uscc, []))
        found["revoked"] = float(taken or struck or "吊销" in row["status"])
        checks = [r["inspected_on"] for r in self.of["inspections"].get(uscc, []) if r["inspected_on"] <= day]
        found["months_since_inspection"] = (day - max(checks)).days / (365.25 / 12) if checks else NAN
        visits = self.visits(uscc, day)
        found["visits"] = float(len(visits)) if looked else NAN
        found["fault_share"] = sum(v["fault"] for v in visits) / len(visits) if visits else NAN
        scored = [v["score"] for v in visits if v["score"] == v["score"]]
        found["serious_share"] = sum(v["serious"] for v in visits) / len(visits) if visits else NAN
        found["last_score"] = scored[-1] if scored else NAN
        found["mean_score"] = sum(scored) / len(scored) if scored else NAN
        found["last_findings"] = visits[-1]["findings"] if visits else NAN
        found["last_findings_high"] = visits[-1]["high"] if visits else NAN
        for name, key, code in (("same_address", "b", self.building), ("same_representative", "p", self.person)):
            found[name] = self.sharing_with(key, code[uscc], row, day)
        found["related_penalised"] = self.related(uscc, day)
        found["complaints"] = self.decayed(
            "complaints",
            uscc,
            "received_on",
            day,
            lambda r: not (r["outcome"] == "rejected" and r["closed_on"] <= day),
        )
        found["repairs"] = self.decayed("credit_repairs", uscc, "decided_on", day, lambda r: r["result"] == "accepted")
        return found

    def lives(self, row: dict, day: pd.Timestamp) -> bool:
        gone = "注销" in row["status"] or "吊销" in row["status"]
        return not gone and (pd.isna(row["established_on"]) or row["established_on"] <= day)

    def sharing_with(self, key: str, code: int, row: dict, day: pd.Timestamp) -> float:
        if code < 0:
            return NAN
        others = [other for other in self.sharing[(key, code)] if other is not row]
        return float(sum(self.lives(other, day) for other in others))

    def related(self, uscc: str, day: pd.Timestamp) -> float:
        if not self.recorded["penalties"]:
            return NAN
        total = 0.0
        if self.person[uscc] >= 0:
            for other in self.sharing[("p", self.person[uscc])]:
                if other["uscc"] != uscc:
                    total += self.decayed("penalties", other["uscc"], "decided_on", day)
        lasting = lambda r: r["invested_on"] <= day and not r["ended_on"] <= day  # noqa: E731
        for own in self.of["investments"].get(uscc, []):
            if isinstance(own["investor_key"], str) and lasting(own):
                held = [r["subject_id"] for r in self.holders[own["investor_key"]] if lasting(r)]
                total += sum(self.decayed("penalties", s, "decided_on", day) for s in held)
                total -= self.decayed("penalties", uscc, "decided_on", day)
        return round(total, 6)

    def score(self, found: dict[str, float], as_of: dt.date) -> float:
        total = 0
        for indicator in self.card.active(as_of):
            value = found[indicator.source_field]
            if value != value:
                total += indicator.missing
                continue
            for of_bin in indicator.bins:
                if of_bin.below is None or value < of_bin.below:
                    total += of_bin.points
                    break
        return min(max(float(total), 0.0), 100.0)

    def level(self, found: dict[str, float], score: float) -> str:
        cut = self.card.cut_offs
        levels = ["A" if score < cut.B else "B" if score < cut.C else "C" if score < cut.D else "D"]
        levels += [v.level for v in self.card.veto if found[v.source_field] >= v.at_least]
        return max(levels)
