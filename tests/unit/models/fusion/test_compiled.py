"""Machine code is kept by all compiled sources: a function changed in one file is not kept by its callers."""

from __future__ import annotations

import os
import subprocess
import sys

import numba

from models.fusion.compiled import SOURCES, cache_folder, keep_in

INNER = "from models.fusion.compiled import compiled\n\n\n@compiled\ndef inner(x):\n    return x + {added}\n"
OUTER = (
    "from models.fusion.compiled import compiled\nfrom inner import inner\n\n\n@compiled\ndef outer(x):\n"
    "    return inner(x) * 2\n"
)
CALL = (
    "from pathlib import Path; from models.fusion.compiled import cache_folder, keep_in\n"
    "keep_in(cache_folder(Path('.')))\nfrom outer import outer\nprint(outer(1))"
)


def _answer(folder, environment):
    done = subprocess.run(
        [sys.executable, "-c", CALL], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_a_change_in_the_file_of_a_called_function_reaches_its_caller(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{SOURCES.parent}")
    (tmp_path / "outer.py").write_text(OUTER)
    (tmp_path / "inner.py").write_text(INNER.format(added=1))
    assert _answer(tmp_path, dict(os.environ)) == 4
    kept = list(tmp_path.glob("__pycache__/compiled-*"))
    assert len(kept) == 1
    assert list(kept[0].rglob("outer.*.nbc"))
    (tmp_path / "inner.py").write_text(INNER.format(added=3))
    assert _answer(tmp_path, dict(os.environ)) == 8


def test_files_that_compile_nothing_do_not_matter(tmp_path):
    (tmp_path / "loop.py").write_text(INNER.format(added=1))
    first = cache_folder(tmp_path)
    (tmp_path / "page.py").write_text("TITLE = 'a'\n")
    assert cache_folder(tmp_path) == first


def test_the_running_product_keeps_its_code_there():
    assert numba.config.CACHE_DIR


def test_code_of_other_sources_goes_after_a_week(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    old, young, own = (tmp_path / f"compiled-{name}" for name in "abc")
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (0, 0))
    keep_in(own)
    assert (old.exists(), young.exists()) == (False, True)
    assert str(own) == numba.config.CACHE_DIR
