"""Waiting lines by formula: what the model of gongzhi_analysis.process must agree with where a formula exists.

Erlang's delay formula for M/M/c, as in Kleinrock, Queueing Systems I (1975), section 3.5.
"""

from math import factorial


def waits_at_all(rate: float, hours: float, people: int) -> float:
    """The chance that a matter has to wait (Erlang C): `rate` matters an hour, `hours` of work each on average."""
    offered = rate * hours
    if offered >= people:
        raise ValueError("more work than people: the line grows without end")
    full = offered**people / factorial(people) * people / (people - offered)
    return full / (sum(offered**k / factorial(k) for k in range(people)) + full)


def mean_wait(rate: float, hours: float, people: int) -> float:
    """The mean wait in hours before the work begins."""
    return waits_at_all(rate, hours, people) * hours / (people - rate * hours)


def mean_wait_fixed(rate: float, hours: float) -> float:
    """The mean wait with one person and work that always takes the same (Pollaczek and Khinchine)."""
    load = rate * hours
    if load >= 1:
        raise ValueError("more work than people: the line grows without end")
    return load * hours / (2 * (1 - load))
