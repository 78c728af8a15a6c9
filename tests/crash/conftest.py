import pytest


def pytest_addoption(parser):
    parser.addoption("--crash-kills", type=int, default=12, help="how often the daemon is killed")
    parser.addoption("--crash-minutes", type=float, default=600, help="for how long it is killed at most")


@pytest.fixture
def kills(request):
    return request.config.getoption("--crash-kills", default=12)


@pytest.fixture
def minutes(request):
    return request.config.getoption("--crash-minutes", default=600)
