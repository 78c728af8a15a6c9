import pytest


def pytest_addoption(parser):
    parser.addoption("--crash-kills", type=int, default=12, help="how often the daemon is killed")
    parser.addoption(
        "--crash-forked", action="store_true", help="fork daemons from a process that has imported everything"
    )


@pytest.fixture
def kills(request):
    return request.config.getoption("--crash-kills", default=12)


@pytest.fixture
def forked(request):
    return request.config.getoption("--crash-forked", default=False)
