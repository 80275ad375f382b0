"""The bytes of a plain or gzipped file, counted on their way to a parser."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import IO, BinaryIO, cast

# A gzipped file may not grow beyond this: a city's register of ten million rows is about 4 GB.
MAX_EXPANDED_BYTES = 16 << 30


class CountingStream(io.RawIOBase):
    """The decompressed bytes of a file; counts them and the quotation marks in them on the way."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("rb")
        self._size = max(path.stat().st_size, 1)
        opener = gzip.GzipFile(fileobj=self._raw) if path.suffix == ".gz" else self._raw
        self._source = cast(IO[bytes], opener)
        self.expanded = 0
        self.quotes = 0
        self.breaks = 0
        self._last = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self.expanded += len(block)
        self.quotes += block.count(b'"')
        self.breaks += block.count(b"\n")
        self._last = block[-1:] or self._last
        if self.expanded > MAX_EXPANDED_BYTES:
            raise OSError(f"expands to more than {MAX_EXPANDED_BYTES >> 30} GB")
        return block

    def lines(self) -> int:
        """Physical lines read so far."""
        return self.breaks + (self._last not in (b"", b"\n"))

    def share(self) -> float:
        return min(self._raw.tell() / self._size, 1.0)

    def close(self) -> None:
        self._raw.close()
        super().close()


def opened(path: Path) -> BinaryIO:
    """Open the decompressed bytes of a file."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
