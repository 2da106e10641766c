"""Handles all that waits in an installation, so that a measurement of the worker begins with nothing owed."""

# isort: off
from gongzhi.site import cli as _cli  # registers all that the worker does
# isort: on

from gongzhi.kernel import worker

_REGISTERED = _cli

if __name__ == "__main__":
    worker.drain()
    print("{}")
