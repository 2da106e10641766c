"""A database of every finished issue becomes one of today: nothing is lost, the log is whole, the pages open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.installations import Installation, empty_installation, frozen_names, thaw

pytestmark = pytest.mark.django_db(transaction=True)
LOOK = """
from django.test import Client
from django.urls import reverse
from gongzhi.apps.actors.public import User
from gongzhi.apps.ledger import public as ledger
desk, resident = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
desk.force_login(User.objects.get(username="coordinator"))
pages = [reverse("case", args=[told["office"], number]) for number in told["cases"]]
pages += [reverse("desk", args=[told["office"]]), reverse("case_list", args=[told["office"]])]
found = {
    "pages": {page: desk.get(page).status_code for page in pages},
    "code": resident.post(reverse("my", args=[told["office"]]), {"code": told["code"]}).status_code,
    "my": resident.get(reverse("my_report", args=[told["office"]])).status_code,
    "verdicts": {tree: ledger.verify(tree).ok for tree in ledger.trees()},
    "roots": {tree: ledger.root_at(tree, size) for tree, (size, _root) in told["heads"].items()},
    "kinds": sorted({e.kind for e in ledger.Entry.objects.filter(tree="installation")}),
}
"""


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Installation]:
    with empty_installation(tmp_path / "data") as made:
        yield made


@pytest.mark.parametrize("name", frozen_names())
def test_a_frozen_database_is_upgraded_in_one_step_and_all_of_it_is_there(
    name: str, there: Installation
) -> None:
    told = thaw(name, there)
    said = there.well("upgrade")
    assert "Back-up made and read again" in said
    assert "The ledger is unchanged." in said
    assert "systemctl restart gongzhi-web gongzhi-worker" in said
    found = there.ask(LOOK, told=told)
    assert set(found["pages"].values()) == {200}, found["pages"]
    assert (found["code"], found["my"]) == (302, 200), "the code given out then opens the report today"
    assert found["roots"] == {tree: root for tree, (_size, root) in told["heads"].items()}
    assert all(found["verdicts"].values())
    assert {"site.backup_made", "site.upgraded"} <= set(found["kinds"])
    (archive,) = (there.data / "backups").glob("*.tar.gz")
    assert archive.stat().st_mode & 0o777 == 0o600


def test_the_spine_is_among_the_frozen_databases() -> None:
    assert "0002-spine" in frozen_names()


def test_a_database_of_a_newer_program_is_left_alone(there: Installation) -> None:
    thaw("0002-spine", there)
    there.ask(
        "from django.db.migrations.recorder import MigrationRecorder\nfrom django.db import connection\n"
        "found = MigrationRecorder(connection).record_applied('gz_cases', '9999_from_the_future')"
    )
    ended = there.run("upgrade")
    assert ended.returncode == 1
    assert "changed by a newer gongzhi: it has gz_cases.9999_from_the_future" in ended.stderr
    assert not (there.data / "backups").exists()


def test_going_without_a_back_up_needs_a_reason(there: Installation) -> None:
    ended = there.run("upgrade", "--no-backup")
    assert ended.returncode == 2
    assert "--because" in ended.stderr


def test_where_there_is_nothing_there_is_nothing_to_upgrade(there: Installation) -> None:
    ended = there.run("upgrade")
    assert ended.returncode == 1
    assert "gongzhi init" in ended.stderr
