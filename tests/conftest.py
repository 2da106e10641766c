"""What holds for all tests: no network but the loopback, and one way to the shared data."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


class NetworkBlockedError(AssertionError):
    """A test wanted to leave this machine."""


def _is_loopback(host: str) -> bool:
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Sockets reach the loopback and files only."""
    really_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(str(address[0])):
            raise NetworkBlockedError(f"Tests stay on this machine: {address!r} is outside.")
        really_connect(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = really_connect  # type: ignore[method-assign]


def shared_folder() -> Path:
    """Where the data that is not part of the product would lie: beside the repository, or GONGZHI_SHARED."""
    return Path(os.environ.get("GONGZHI_SHARED", str(ROOT.parent / "shared")))


@pytest.fixture
def shared_data() -> Path:
    """The folder of shared data sets; a test that wants it skips, with the reason, where it is not."""
    data = shared_folder() / "data"
    if not data.is_dir():
        pytest.skip("the shared data sets are not beside the repository; they are no part of the product")
    return data


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that want the shared data carry its mark, so that one run can show that they skip."""
    for item in items:
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared_data)


def pytest_unconfigure() -> None:
    """Remove the folder of this test run."""
    if folder := os.environ.get("GONGZHI_TEST_FOLDER"):
        shutil.rmtree(folder, ignore_errors=True)
