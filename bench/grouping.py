"""How messages about the same matter are grouped: counts, sizes, speed, and B-cubed where a gold column is given.

Run: python bench/grouping.py TABLE --text title --text text [--time time] [--gold matter]. Rows without gold count as
messages but are not scored. Prints counts only.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from gongzhi_analysis.cli import hours_of
from gongzhi_analysis.linkage.grouping import group_messages
from gongzhi_analysis.reference.linkage import b_cubed
from gongzhi_analysis.tables import column_of, read_table, texts_of

DEMO = Path(__file__).resolve().parents[1] / "demo" / "xingfu" / "messages.jsonl"


def main() -> None:
    """Measure one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, nargs="?", default=DEMO, help="default: the demo's messages")
    parser.add_argument(
        "--text", action="append", help="column; several are joined by a space; default: text"
    )
    parser.add_argument("--time")
    parser.add_argument("--gold", help="column with the true matter; empty where it is not known")
    given = parser.parse_args()
    given.text = given.text or ["text"]
    columns = read_table(given.table)
    rows = zip(*[texts_of(columns, name) for name in given.text], strict=True)
    texts = [" ".join(filter(None, row)) for row in rows]
    hours = [hours_of(v) for v in column_of(columns, given.time)] if given.time else None
    begun = time.process_time()
    groups = group_messages(texts, hours=hours)
    spent = time.process_time() - begun
    sizes = sorted(Counter(groups).values(), reverse=True)
    found: dict[str, object] = {
        "messages": len(texts),
        "groups": len(sizes),
        "groups_of_several": sum(size > 1 for size in sizes),
        "messages_in_them": sum(size for size in sizes if size > 1),
        "largest": sizes[:5],
        "cpu_s": round(spent, 2),
    }
    if given.gold:
        gold = texts_of(columns, given.gold)
        known = [i for i, matter in enumerate(gold) if matter]
        scores = b_cubed([groups[i] for i in known], [gold[i] for i in known])
        found |= dict(zip(("b3_precision", "b3_recall", "b3_f"), (round(s, 4) for s in scores), strict=True))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
