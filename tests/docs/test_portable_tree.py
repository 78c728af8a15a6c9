"""Keep paths of somebody's machine and addresses of registries out of the repository."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

# Put together from pieces, so that this file does not find itself.
_FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.\-])/(?:work|root|home/\w+|Users/\w+)/" + "",
            "pypi" + r"\.org",
            "python" + "hosted",
            r"(?:docker|ghcr|quay|gcr)\." + "io/",
            r"--(?:extra-)?index" + "-url",
            "mirrors" + r"\.\w+\.(?:com|edu|org)",
        ]
    )
)


@pytest.fixture
def tracked(root):
    if shutil.which("git") is None or not (root / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    return [root / name for name in done.stdout.decode().split("\0") if name and (root / name).is_file()]


def test_no_file_names_a_machine_or_a_registry(tracked, root):
    found = [
        f"{file.relative_to(root)}:{number}: {match[0]}"
        for file in tracked
        for number, line in enumerate(file.read_bytes().decode("utf-8", "replace").splitlines(), 1)
        for match in _FOREIGN.finditer(line)
    ]
    assert found == []


def test_the_container_names_images_and_nothing_else_to_fetch(root):
    froms = re.findall(r"^FROM (\S+)", (root / "deploy/Dockerfile").read_text(), re.MULTILINE)
    assert froms
    assert all("/" not in image for image in froms)
    assert "http" not in (root / "deploy/Dockerfile").read_text()
