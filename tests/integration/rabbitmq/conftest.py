"""One RabbitMQ for the tests of this folder."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.support.rabbitmq import RabbitMQ


@pytest.fixture(scope="session")
def rabbitmq():
    folder = Path(tempfile.mkdtemp(prefix="ruta-rabbitmq-"))
    server = RabbitMQ(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
