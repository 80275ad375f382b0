"""Readers: a city's files become canonical rows, and every other row goes to quarantine with its reason."""

from models.sources.files import FoundFile, find_files, fingerprint
from models.sources.reading import read_source
from models.sources.result import Progress, SourceFile, SourceResult

__all__ = ["FoundFile", "Progress", "SourceFile", "SourceResult", "find_files", "fingerprint", "read_source"]
