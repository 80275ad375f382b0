"""The shelf of products: content-named files, whole or not there, and a cache that stays within its memory."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.errors import StoreError, UnknownNameError
from models.storage.products import ProductFile, ProductShelf


@pytest.fixture
def shelf(tmp_path):
    return ProductShelf(tmp_path / "products")


def write(path, values):
    pd.DataFrame({"h3": values, "month": ["2024-01", "2024-02"] * (len(values) // 2)}).to_parquet(
        path, compression="zstd"
    )
    return path


def test_the_same_content_is_one_file_under_its_hash(shelf, tmp_path):
    first = shelf.put("cells", write(tmp_path / "a.parquet", [1, 2]))
    again = shelf.put("cells", write(tmp_path / "b.parquet", [1, 2]))
    other = shelf.put("cells", write(tmp_path / "c.parquet", [1, 3]))
    assert first == again != other
    assert first.file == f"cells/{first.sha256[:16]}.parquet"
    assert len(list((shelf.folder / "cells").iterdir())) == 2
    assert ProductFile.from_dict(first.as_dict()) == first


def test_rows_and_columns_are_picked(shelf, tmp_path):
    entry = shelf.put("cells", write(tmp_path / "a.parquet", [1, 2, 3, 4]))
    assert shelf.read(entry, None, None).num_rows == 4
    both = shelf.read(entry, ["h3"], [("month", "=", "2024-02"), ("h3", ">", 2)])
    assert both.to_pydict() == {"h3": [4]}
    either = shelf.read(entry, ["h3"], [[("h3", "=", 1)], [("month", "=", "2024-02")]])
    assert either.to_pydict() == {"h3": [1, 2, 4]}
    with pytest.raises(UnknownNameError, match="no column colour"):
        shelf.read(entry, None, [("colour", "=", 1)])


def test_a_second_read_does_not_touch_the_disk(shelf, tmp_path):
    entry = shelf.put("cells", write(tmp_path / "a.parquet", [1, 2]))
    first = shelf.read(entry, None, None)
    (shelf.folder / entry.file).unlink()
    assert shelf.read(entry, None, None).equals(first)
    with pytest.raises(FileNotFoundError):
        shelf.read(entry, ["h3"], None)


def test_the_cache_forgets_what_was_not_asked_for_longest(shelf, tmp_path):
    small = ProductShelf(shelf.folder, cache_bytes=20_000)
    entries = [small.put("p", write(tmp_path / f"{i}.parquet", [i] * 500)) for i in range(4)]
    for entry in entries:
        small.read(entry, None, None)
    for entry in entries:
        (small.folder / entry.file).unlink()
    small.read(entries[-1], None, None)
    with pytest.raises(FileNotFoundError):
        small.read(entries[0], None, None)


def test_what_is_not_parquet_is_refused_and_leaves_nothing(shelf, tmp_path):
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(StoreError, match=r"product cells: x\.parquet cannot be read as Parquet"):
        shelf.put("cells", tmp_path / "x.parquet")
    assert not shelf.folder.exists()


def test_pruning_keeps_named_files_and_sweeps_killed_copies(shelf, tmp_path):
    kept = shelf.put("cells", write(tmp_path / "a.parquet", [1, 2]))
    gone = shelf.put("old", write(tmp_path / "b.parquet", [3, 4]))
    (shelf.folder / "cells" / "half.parquet.1.tmp").write_bytes(b"x")
    assert shelf.prune([kept.file]) == ["cells/half.parquet.1.tmp", gone.file]
    assert pq.read_metadata(shelf.folder / kept.file).num_rows == 2
    assert not (shelf.folder / "old").exists()
