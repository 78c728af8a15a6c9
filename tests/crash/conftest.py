import pytest


def pytest_addoption(parser):
    parser.addoption("--crash-kills", type=int, default=12, help="how often the daemon is killed")


@pytest.fixture
def kills(request):
    return request.config.getoption("--crash-kills", default=12)
