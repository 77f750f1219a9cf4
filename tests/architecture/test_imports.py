"""The layers of the package are a contract, kept by import-linter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def lint_imports(config: Path, package_folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter without its cache."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--config", config, "--no-cache"],
        cwd=package_folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_import_contracts_hold():
    """No module imports upwards, and each outside library has its one place."""
    done = lint_imports(ROOT / "pyproject.toml", ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_upward_import_is_found(tmp_path: Path):
    """The layers contract as it stands in pyproject rejects a lower part that uses a higher one."""
    package = tmp_path / "aidline"
    above = (
        "cli",
        "formats",
        "planning",
        "supply",
        "medical",
        "clearance",
        "model",
        "plan",
        "generator",
    )
    for part in (*above, "network", "situation"):
        (package / part).mkdir(parents=True)
        (package / part / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "errors.py").write_text("")
    (package / "network" / "__init__.py").write_text("import aidline.planning\n")
    config = tmp_path / "pyproject.toml"
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = text[text.index("[tool.importlinter]") :].split("[[tool.importlinter.contracts]]")
    config.write_text("[[tool.importlinter.contracts]]".join(contracts[:2]))
    done = lint_imports(config, tmp_path)
    assert done.returncode == 1
    assert "aidline.network -> aidline.planning" in done.stdout
