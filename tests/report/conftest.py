"""The run that the tests of the report share, saved once with its figures and its page."""

import pytest

from sim.report.document import write_report
from sim.store import save_run
from tests.tiny import make_run


@pytest.fixture(scope="session")
def tiny_run():
    return make_run(60)


@pytest.fixture(scope="session")
def run_folder(tiny_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    save_run(tiny_run, folder, lambda work: write_report(tiny_run, work))
    return folder
