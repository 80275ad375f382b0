"""In which district an address lies: text, register's field and credit code weighed against each other."""

from __future__ import annotations

from models.fusion.addresses.districts import DistrictName, Districts
from models.fusion.addresses.normalise import normalise
from models.fusion.addresses.parse import Parsed


class Stated:
    """What the register says of a row besides its address.

    Attributes
    ----------
    field : district named in the district field, or None
    zone : zone named in the district field, and the districts it lies in
    uscc : today's code of the area in which the credit code was issued, or None
    """

    __slots__ = ("field", "uscc", "zone")

    def __init__(self, field: str, area_code: str, districts: Districts) -> None:
        self.field: DistrictName | None = districts.fields.get(field)
        self.zone = districts.zone_fields.get(field) if self.field is None else None
        self.uscc = districts.codes.get(area_code)

    @property
    def fallback(self) -> str | None:
        """District whose towns are looked for when the address names none."""
        if self.field is not None:
            return self.field.code
        if self.zone is not None:
            return self.zone[1][0] if len(self.zone[1]) == 1 else None
        return self.uscc


def stated_rows(fields: list[str | None], area_codes: list[str], districts: Districts) -> dict[tuple[str, str], Stated]:
    """Read each distinct pair of district field and credit-code area once; keys are the raw pairs."""
    pairs = sorted({(f or "", a) for f, a in zip(fields, area_codes, strict=True)})
    texts = normalise([f for f, _ in pairs])
    return {pair: Stated(text, pair[1], districts) for pair, text in zip(pairs, texts, strict=True)}


def zone_codes(parsed: Parsed, stated: Stated) -> tuple[str, ...]:
    """Districts of the zones that address and field name, those of the field where they differ."""
    said = stated.zone[1] if stated.zone else ()
    both = tuple(c for c in parsed.zone_codes if c in said)
    return both or said or parsed.zone_codes


def district_of(parsed: Parsed, stated: Stated, reasons: list[str]) -> str | None:
    """Decide the district and note why; None when nothing names one.

    The address counts first, then the register's field, then a zone that lies in one district, then the
    credit code, whose area is that of the issuing office at the time (綦江县 500222 and 万盛区 500110 are
    both 綦江区 today).
    """
    text, field, uscc = parsed.district, stated.field, stated.uscc
    if parsed.zone is not None:
        reasons.append(f"zone:{parsed.zone}")
    elif stated.zone is not None:
        reasons.append(f"zone:{stated.zone[0]}")
    if parsed.other_city is not None:
        reasons.append("other_city")
    if text is not None:
        reasons.extend(text.reasons)
        if parsed.second is not None:
            reasons.append("second_district")
        if field is not None and field.code != text.code:
            reasons.append("district_conflict_field")
            if uscc == text.code:
                reasons.append("district_confirmed_uscc")
        if uscc is not None and uscc != text.code:
            reasons.append("district_conflict_uscc")
        return text.code
    if field is not None:
        reasons.append("district_from_field")
        reasons.extend(r for r in field.reasons if r.startswith("crosswalk:"))
        if uscc is not None and uscc != field.code:
            reasons.append("district_conflict_uscc")
        return field.code
    codes = zone_codes(parsed, stated)
    if len(codes) == 1:
        reasons.append("district_from_zone")
        return codes[0]
    if uscc is not None and (not codes or uscc in codes):
        reasons.append("district_from_uscc")
        return uscc
    return None
