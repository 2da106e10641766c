"""Cells of exported tables: a text that a spreadsheet would run as a formula is made plain."""

from gongzhi.kernel.cells import FORMULA_STARTS, safe_cell

__all__ = ["FORMULA_STARTS", "safe_cell"]
