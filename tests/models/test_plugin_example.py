"""A third party's flavor: the example package, installed into an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.support.parts import PROJECT

EXAMPLE = PROJECT / "examples" / "flavor_plugin"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that sees this one's packages and has the example."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False, symlinks=True)
    found = place / "bin" / "python"
    (site,) = place.glob("lib/python*/site-packages")
    here = sysconfig.get_path("purelib")
    (site / "beneath.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    command += ["--no-build-isolation", "--python", str(found), str(EXAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return found


def test_the_flavor_is_found_by_its_entry_point(python: Path) -> None:
    program = "from mainstay.models.flavors import FLAVORS; print(FLAVORS.get('rules').name)"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "rules", done.stderr


def test_the_examples_own_tests_pass(python: Path, tmp_path: Path) -> None:
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests")]
    done = subprocess.run(
        [*command, f"--basetemp={tmp_path / 'base'}", f"--rootdir={EXAMPLE}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=EXAMPLE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout


def test_without_the_package_the_folder_asks_for_its_loader(python: Path, tmp_path: Path) -> None:
    from mainstay.errors import UntrustedModel
    from mainstay.models import loading

    program = (
        "import sys; from mainstay.models import saving; "
        "from mainstay_rules import Rule, RuleList; "
        "saving.save_model(RuleList([Rule('age', '<', 18, 'minor')], 'adult'), sys.argv[1])"
    )
    subprocess.run([python, "-c", program, str(tmp_path / "model")], check=True)
    with pytest.raises(UntrustedModel, match="mainstay_rules"):
        loading.load_model(str(tmp_path / "model"))
