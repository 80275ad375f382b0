"""The register of legal persons (法人库): codes, capital, dates, types, persons and industries of its raw
rows."""

from models.sources.legal_persons.normalise import ORIGIN, TEXT_COLUMNS, deduplicate, normalise

__all__ = ["ORIGIN", "TEXT_COLUMNS", "deduplicate", "normalise"]
