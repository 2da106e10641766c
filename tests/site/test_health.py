"""What a probe hears: the process answers; it can serve, or which part fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongzhi.apps.understanding.models import ModelVersion
from gongzhi.apps.understanding.public import ModelState
from gongzhi.kernel import clock
from gongzhi.kernel.models import OutboxJob
from gongzhi.site.watching import readiness, schema
from tests.apps.understanding.conftest import base_model, cast, packs

__all__ = ["base_model", "cast", "packs"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    readiness.forget_readiness()
    yield
    readiness.forget_readiness()


def _model_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    state = ModelState("base-1", clock.now(), readable=True)
    monkeypatch.setattr(readiness.understanding, "model_state", lambda _office: state)


def test_the_process_answers_without_asking_the_database() -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert len(asked) == 0


def test_ready_with_database_tables_and_a_model_that_opens(base_model: ModelVersion) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "failing": [], "queue_lag_seconds": 0}
    assert "no-cache" in answer["Cache-Control"]


def test_a_model_whose_files_are_gone_is_named(base_model: ModelVersion, settings: Any) -> None:
    folder = settings.MODELS_ROOT / base_model.folder
    (folder / "model.json").unlink()
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["model"])


def test_no_model_at_all_is_named() -> None:
    assert Client().get("/readyz").json()["failing"] == ["model"]


def test_a_migration_that_was_not_applied_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _model_is_well(monkeypatch)
    MigrationRecorder.Migration.objects.filter(app="gz_kernel", name="0001_initial").delete()
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["migrations"])
    assert schema.missing_migrations() == ["gz_kernel.0001_initial"]


def test_the_names_of_the_files_are_those_that_django_would_load() -> None:
    from django.db.migrations.loader import MigrationLoader

    assert schema.wanted_migrations() == frozenset(MigrationLoader(connection).disk_migrations)


def test_a_database_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object) -> None:
        raise OperationalError("could not connect")

    monkeypatch.setattr(readiness.connection, "cursor", fails)
    monkeypatch.setattr(readiness.connection, "close", lambda: None)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["database"])
    assert answer.json()["queue_lag_seconds"] is None


def test_it_says_how_long_the_oldest_job_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    import uuid
    from datetime import timedelta

    _model_is_well(monkeypatch)
    now = clock.now()
    for ago in (30, 600, -600):
        due = now - timedelta(seconds=ago)
        OutboxJob.objects.create(event_id=uuid.uuid4(), handler="x", run_after=due, created_at=now)
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["queue_lag_seconds"] >= 600


def test_many_questions_in_a_row_ask_the_database_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _model_is_well(monkeypatch)
    client = Client()
    client.get("/readyz")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/readyz").status_code == 200
    assert len(asked) == 0


def test_a_probe_on_the_machine_needs_no_name_and_no_encryption(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert set(django_settings.LOOPBACK_HOSTS) <= set(django_settings.ALLOWED_HOSTS)
    assert Client().get("/healthz", headers={"host": "127.0.0.1:8000"}).status_code == 200
    assert Client().get("/", headers={"host": "127.0.0.1:8000"}).status_code == 301
