"""`aidline bench`: the benchmark table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from aidline.cli.output import ExitCode
from aidline.errors import UsageError


@click.command()
@click.argument("name", nargs=-1)
@click.option("--list", is_flag=True, help="Name the benchmarks and stop.")
@click.option("--smoke", is_flag=True, help="The smallest size only, a minute in all.")
@click.option("--size", "sizes", multiple=True, metavar="SIZE", help="S, M, L or XL; repeatable.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Also write the JSON here."
)
@click.option("--json", is_flag=True, help="Print the result as JSON.")
def bench(
    name: tuple[str, ...], sizes: tuple[str, ...], out: Path | None, **flags: bool
) -> ExitCode:
    """Run the benchmarks side by side with what they are compared with.

    They stand in the source repository; from an installed package there is nothing to run.
    """
    script = _script()
    command = [sys.executable, str(script), *name]
    command += [f"--{flag}" for flag, wanted in flags.items() if wanted]
    if sizes:
        command += ["--sizes", *sizes]
    if out is not None:
        command += ["--out", str(out)]
    code = subprocess.run(command, check=False).returncode
    return ExitCode(code) if code in set(ExitCode) else ExitCode.ERRORS


def _script() -> Path:
    import aidline

    root = Path(aidline.__file__).resolve().parents[2]
    for folder in (Path.cwd(), root):
        script = folder / "benchmarks" / "run.py"
        if script.is_file():
            return script
    raise UsageError("the benchmarks are not here: clone the source repository and run them there")
