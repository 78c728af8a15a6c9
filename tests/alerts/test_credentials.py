from __future__ import annotations

from pathlib import Path

import pytest

from alerts.credentials import Surroundings
from state.errors import ConfigurationError


@pytest.fixture
def secret_file(tmp_path):
    def secret_file(content, mode=0o600):
        path = tmp_path / "secret"
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return secret_file


def test_a_secret_comes_from_the_environment(tmp_path):
    surroundings = Surroundings(tmp_path, {"MAIL_PASSWORD": " hunter2\n"})
    assert surroundings.secret("d.password", file=None, env="MAIL_PASSWORD") == "hunter2"


def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path, secret_file):
    path = secret_file(b"hunter2\n")
    assert (
        Surroundings(tmp_path, {}).secret("d.password", file=path.relative_to(tmp_path), env=None)
        == "hunter2"
    )


def test_no_secret_is_asked_for(tmp_path):
    assert Surroundings(tmp_path, {}).secret("d.password", file=None, env=None) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secret_others_can_read_is_refused_with_the_remedy(tmp_path, secret_file, mode):
    with pytest.raises(ConfigurationError, match=r"d\.password_file: .*chmod 600"):
        Surroundings(tmp_path, {}).secret("d.password", file=secret_file(b"hunter2", mode), env=None)


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_file_without_a_secret_is_refused(tmp_path, secret_file, content):
    with pytest.raises(ConfigurationError, match="secret"):
        Surroundings(tmp_path, {}).secret("d.password", file=secret_file(content), env=None)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"d\.password_file: .*missing.*FileNotFoundError"):
        Surroundings(tmp_path, {}).secret("d.password", file=tmp_path / "missing", env=None)


def test_the_environment_shows_in_no_log(tmp_path):
    assert "hunter2" not in repr(Surroundings(tmp_path, {"P": "hunter2"}))


def test_destinations_that_trust_the_same_authorities_share_one_context(tmp_path):
    surroundings = Surroundings(tmp_path, {})
    assert surroundings.tls("d.ca_file", None) is surroundings.tls("e.ca_file", None)


def test_a_file_without_certificates_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigurationError, match=r"d\.ca_file: .*ca\.pem holds no usable certificate"):
        Surroundings(tmp_path, {}).tls("d.ca_file", Path("ca.pem"))
