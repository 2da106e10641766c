"""Writes the pages of the manual that follow from data: categories from the packs, roles from the policy.

python tools/manual_pages.py          write docs/manual/{zh-CN,en}/{categories,roles}.md
python tools/manual_pages.py check    only say which of them are not up to date; exit code 1 if any
"""

import atexit
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.messages.pofile import read_po
from django.utils.translation import override

# The settings make key files: a run of this tool touches no installation.
_FOLDER = tempfile.TemporaryDirectory(prefix="gongzhi-manual-")
atexit.register(_FOLDER.cleanup)
os.environ.setdefault("GONGZHI_DATA", _FOLDER.name)

# isort: off
from gongzhi.site import boot as _boot  # noqa: E402

# isort: on
from gongzhi.apps.actors.public import ROLE_PERMISSIONS  # noqa: E402
from gongzhi.scenarios.loader import load_packs  # noqa: E402
from gongzhi.site.setup_words import PERMISSION_NAMES, ROLE_NAMES  # noqa: E402

_SET_UP = _boot
ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs" / "manual"
PACKS: Final = ("base", "community")
COMMAND: Final = "`python tools/manual_pages.py`"


@dataclass(frozen=True)
class Page:
    """One language of the manual and the sentences of its generated pages."""

    folder: str
    lang: str
    catalogue: str
    made: str
    categories: str
    intro: str
    usually: str
    sensitive: str
    by_people: str
    dangers: str
    dangers_intro: str
    quotes: tuple[str, str]
    colon: str
    roles: str
    roles_intro: str
    may: str
    yes: str


CHINESE: Final = Page(
    folder="zh-CN",
    lang="zh-hans",
    catalogue="zh_Hans",
    made=f"<!-- 本页由 {COMMAND} 生成。请修改场景包或权限表，不要修改本页。 -->",
    categories="类别",
    intro="通用基础包有 {groups} 大类、{leaves} 个类别。每个类别先写一句说明，再举居民会说的话。"
    "“一般由”后面是通常主办的单位类型；到底由谁办，以本机构的权力清单为准。",
    usually="一般由",
    sensitive="涉及个人，不在“附近的事”里显示，程序也不会自动派单。",
    by_people="只由人选择，程序不会归入这一类。",
    dangers="危险情形",
    dangers_intro="内容提到下面的情形时，页面马上显示建议和该拨打的电话，事项排在待办的最前面。程序不会代为报警。",
    quotes=("“", "”"),
    colon="：",
    roles="各角色的权限",
    roles_intro="权限只来自角色。一个人可以有几个角色，每个角色可以限定单位和区域。"
    "网格员和经办人必须有单位，只能办理本单位的任务。限定了区域的协调员和负责人，只能看到这个区域的事项。",
    may="可以",
    yes="是",
)
ENGLISH: Final = Page(
    folder="en",
    lang="en",
    catalogue="en",
    made=f"<!-- This page is made by {COMMAND}. Change the packs or the policy, not this page. -->",
    categories="Categories",
    intro="The base pack has {groups} groups with {leaves} categories. Each category has one sentence on what belongs to it, "
    "then what residents say. “Usually” names the kind of unit that mostly leads; an office’s own power list decides.",
    usually="Usually",
    sensitive="It concerns a person: it is not shown under “Near me”, and the program never hands it over by itself.",
    by_people="Only people choose it; the program never does.",
    dangers="Dangers",
    dangers_intro="Where the words name one of these, the page shows the advice and the number to call at once, and the case "
    "stands on top of the inbox. The program calls nobody.",
    quotes=("“", "”"),
    colon=": ",
    roles="What each role may do",
    roles_intro="Rights come from roles only. A person may hold several roles; each may be for a unit and an area. "
    "A worker or a handler needs a unit and handles that unit’s tasks only. A coordinator or leader with an area sees the "
    "cases of that area only.",
    may="May",
    yes="yes",
)
UNITS_IN_ENGLISH: Final = {
    "市政部门": "municipal works department",
    "生态环境部门": "environment department",
    "街道办事处": "sub-district office",
    "房屋管理部门": "housing department",
    "综合行政执法队": "law enforcement team",
    "环卫部门": "sanitation department",
    "市场监管部门": "market regulation department",
    "教育部门": "education department",
    "人力资源和社会保障部门": "labour and social security department",
    "物业服务企业": "property company",
    "交警": "traffic police",
    "派出所": "police station",
    "园林绿化部门": "parks department",
    "民政部门": "civil affairs department",
    "爱国卫生机构": "public hygiene office",
    "公交企业": "bus company",
    "供水企业": "water company",
    "供电企业": "power company",
    "燃气企业": "gas company",
    "供热企业": "heating company",
    "通信企业": "telecom company",
    "消防救援机构": "fire and rescue service",
    "住房和城乡建设部门": "housing and construction department",
    "残疾人联合会": "disabled persons’ federation",
    "未成年人保护工作站": "child protection station",
    "卫生健康部门": "health department",
    "医疗保障部门": "medical insurance department",
    "疾病预防控制机构": "disease control centre",
    "人民调解委员会": "people’s mediation committee",
    "文化站": "culture station",
    "公安犬类管理部门": "police office for dogs",
    "志愿服务队": "volunteer team",
    "居民委员会": "residents’ committee",
    "政务服务中心": "government service centre",
    "便民服务中心": "citizen service centre",
}


@cache
def _catalogue(name: str) -> Any:
    path = ROOT / "src/gongzhi/site/locale" / name / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return read_po(file)


def _word(page: Page, text: Any) -> str:
    """The interface's own word for a message, from the catalogue's source: nothing need be compiled."""
    with override("en"):
        source = str(text)
    found = _catalogue(page.catalogue).get(source)
    return str(found.string) if found and found.string else source


def _example(case: Any, page: Page) -> str:
    unit = UNITS_IN_ENGLISH[case.goes_to] if page.lang == "en" else case.goes_to
    begin, end = page.quotes
    return f"- {begin}{case.says}{end} {page.usually}{page.colon}{unit}"


def _examples(cases: Sequence[Any], key: str, page: Page) -> list[str]:
    """Those in the page's language; where there is none, those in any."""
    here = [case for case in cases if case.category == key]
    own = [case for case in here if case.lang[:2] == page.lang[:2]]
    return [_example(case, page) for case in own or here]


def _category(entry: Any, cases: Sequence[Any], words: Mapping[str, str], page: Page) -> list[str]:
    lines = [f"### {words[f'category.{entry.key}']} `{entry.key}`", "", words[f"category.{entry.key}.help"]]
    if entry.sensitive:
        lines += ["", page.sensitive]
    if not entry.predicted:
        lines += ["", page.by_people]
    examples = _examples(cases, entry.key, page)
    return [*lines, "", *examples, ""] if examples else [*lines, ""]


def categories_page(page: Page) -> str:
    """The tree of categories with sentences of residents, and the dangers, from the packs."""
    scenario = load_packs(ROOT / "packs", PACKS)
    words, cases = scenario.strings(page.lang), scenario.entries("cases.toml")
    entries = scenario.entries("categories.toml")
    roots = [entry for entry in entries if entry.parent is None]
    leaves = [entry for entry in entries if entry.parent is not None]
    lines = [page.made, "", f"# {page.categories}", ""]
    lines += [page.intro.format(groups=len(roots), leaves=len(leaves)), ""]
    for root in roots:
        lines += [f"## {words[f'category.{root.key}']}", "", words[f"category.{root.key}.help"], ""]
        for entry in leaves:
            if entry.parent == root.key:
                lines += _category(entry, cases, words, page)
    lines += [f"## {page.dangers}", "", page.dangers_intro, ""]
    for danger in scenario.entries("hazards.toml"):
        lines.append(
            f"- **{words[f'hazard.{danger.key}.label']}**{page.colon}{words[f'hazard.{danger.key}']}"
        )
    return "\n".join(lines).rstrip() + "\n"


def roles_page(page: Page) -> str:
    """Which role may do what, from the table that every page asks."""
    lines = [page.made, "", f"# {page.roles}", "", page.roles_intro, ""]
    lines.append("| " + " | ".join([page.may, *(_word(page, name) for name in ROLE_NAMES.values())]) + " |")
    lines.append("|---" * (len(ROLE_NAMES) + 1) + "|")
    for permission, name in PERMISSION_NAMES.items():
        marks = [page.yes if permission in ROLE_PERMISSIONS[role] else "" for role in ROLE_NAMES]
        lines.append("| " + " | ".join([_word(page, name), *marks]) + " |")
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    found = {}
    for page in (CHINESE, ENGLISH):
        found[MANUAL / page.folder / "categories.md"] = categories_page(page)
        found[MANUAL / page.folder / "roles.md"] = roles_page(page)
    return found


def main(words: Sequence[str]) -> int:
    """Write the pages, or check them."""
    made = pages()
    if list(words) == ["check"]:
        old = [p for p, text in made.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
        for path in old:
            print(f"{path.relative_to(ROOT)} is not up to date; run: python tools/manual_pages.py")
        return 1 if old else 0
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
