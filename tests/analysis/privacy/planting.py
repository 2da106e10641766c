"""Makes personal data that belongs to nobody and plants it into sentences."""

import random
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

CARRIERS: Final[dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("carriers.toml").read_text(encoding="utf-8")
)
SURNAMES: Final = "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 欧阳 司徒 上官".split()
GIVEN: Final = (
    "伟 芳 娜 敏 静 强 磊 洋 艳 勇 军 杰 娟 涛 超 秀英 建国 桂兰 玉梅 志明 晓东 海燕 国强 红霞 春梅 文斌 立新 永刚 淑珍 佳琪 雨桐 "
    "浩宇 子涵 思琪 俊峰 凤英 德胜 金花 长青 小红 一凡 天佑 若兰 振华 少华 爱民 兴旺 瑞雪 明辉 玉兰"
).split()
FIRST: Final = (
    "John Mary Robert Linda Michael Susan David Karen Thomas Nancy Daniel Laura Kevin Maria Ahmed Wei".split()
)
LAST: Final = "Smith Johnson O'Brien Garcia Miller Nguyen Wilson Patel Murphy Kowalski Chen Rossi".split()
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Maker:
    """Makes one item of each kind after another; the same seed makes the same items."""

    def __init__(self, seed: int) -> None:
        self._pick = random.Random(seed)

    def _digits(self, count: int) -> str:
        return "".join(self._pick.choice("0123456789") for _ in range(count))

    def _one(self, *ways: str) -> str:
        return self._pick.choice(ways)

    def phone(self) -> str:
        """A mobile number or a number with an area code, written in one of the usual ways."""
        head = f"1{self._pick.choice('3456789')}{self._digits(1)}"
        a, b = self._digits(4), self._digits(4)
        area, rest = (
            self._one("010", "021", "0755", "0571", "0731"),
            self._pick.choice("2345678") + self._digits(7),
        )
        wide = "".join(chr(ord(sign) + 0xFEE0) for sign in head + a + b)
        return self._one(
            head + a + b, f"{head}-{a}-{b}", f"{head} {a} {b}", f"+86 {head}{a}{b}", f"0086{head}{a}{b}", wide,
            f"{area}-{rest}", f"({area}){rest}", f"{area} {rest}", f"{area}{rest}",
        )  # fmt: skip

    def identity_number(self) -> str:
        """A number as on an identity card of the mainland, with a right check sign; the place does not exist."""
        born = f"{self._pick.randint(1935, 2018)}{self._pick.randint(1, 12):02}{self._pick.randint(1, 28):02}"
        body = f"{self._pick.randint(11, 65)}9{self._digits(3)}{born}{self._digits(3)}"
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
        return self._one(body + check, body + check.lower(), f"{body[:6]} {body[6:14]} {body[14:]}{check}")

    def card(self) -> str:
        """A card number with a right check digit."""
        body = self._one("622848", "621226", "623058", "456351", "520108") + self._digits(
            self._pick.choice([9, 12])
        )
        total = 0
        for place, sign in enumerate(reversed(body)):
            doubled = int(sign) * (1 if place % 2 else 2)
            total += doubled - 9 if doubled > 9 else doubled
        number = body + str(-total % 10)
        return self._one(number, " ".join(number[i : i + 4] for i in range(0, len(number), 4)))

    def plate(self) -> str:
        """A number plate."""
        place = self._pick.choice("京沪粤苏浙川湘鄂渝冀豫鲁") + self._pick.choice("ABCDEFGH")
        usual = "".join(
            self._pick.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(4)
        ) + self._digits(1)
        return self._one(
            place + usual,
            f"{place}·{usual}",
            f"{place} {usual}",
            f"{place}D{self._digits(5)}",
            place + usual.lower(),
        )

    def email(self) -> str:
        """An address at a host."""
        name = self._one("zhang.san", "li_si", "happy2020", "w", "chenxiaoming", "a-b-c")
        return (
            f"{name}{self._digits(2)}@{self._one('qq.com', '163.com', 'example.org', 'mail.example.com.cn')}"
        )

    def house_number(self) -> str:
        """Building, entrance and room."""
        a, b, c = self._pick.randint(1, 38), self._pick.randint(1, 5), self._pick.randint(101, 2806)
        return self._one(
            f"{a}栋{b}单元{c}室", f"{a}号楼{b}单元{c}", f"{a}幢{c}室", f"{a}-{b}-{c}", f"{a}栋{c}", f"{a}弄{b}号{c}室",
            f"C座{c}室", f"{a}号楼{c}室", f"{b}单元{c}室",
        )  # fmt: skip

    def english_house(self) -> str:
        """A street number or a flat."""
        a, b = self._pick.randint(1, 980), self._pick.randint(1, 40)
        return self._one(
            f"{a} Maple Street",
            f"{a} Centre St, Apt {b}",
            f"Apt {b}C",
            f"Flat {b}",
            f"{a} Old Mill Road #{b}",
            f"Unit {b}",
        )

    def name(self) -> str:
        """A made-up Chinese name."""
        return self._pick.choice(SURNAMES) + self._pick.choice(GIVEN)

    def english_name(self) -> str:
        """A made-up name in Latin letters."""
        return f"{self._pick.choice(FIRST)} {self._pick.choice(LAST)}"


def planted(kind: str, make: Callable[[], str], count: int) -> Iterator[tuple[str, int, int]]:
    """Texts with an item in each: the text, where the item begins and ends. Carriers take turns."""
    carriers = CARRIERS[kind]
    for turn in range(count):
        item = make()
        before, after = carriers[turn % len(carriers)].split("{}")
        yield before + item + after, len(before), len(before) + len(item)
