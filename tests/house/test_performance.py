"""The page of figures says what the recorded results say."""

import importlib.util

from tests.house.plan import ROOT


def test_the_tables_are_those_of_the_results() -> None:
    path = ROOT / "bench" / "measuring" / "table.py"
    spec = importlib.util.spec_from_file_location("bench_table", path)
    assert spec is not None
    assert spec.loader is not None
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    page = (ROOT / "docs" / "operate" / "performance.md").read_text(encoding="utf-8")
    assert table.with_tables(page) == page, "run: python bench/measuring/table.py"
    for heading in ("## Requests", "## Memory of two web processes"):
        assert heading in page
