"""Files of others are parsed in a child process with limits on memory and time.

A workbook of 5 KB can ask its parser for 512 GiB, and a parser that aborts takes its process
with it. The child sets its own limits, reads the file, writes plain JSON and ends; whatever
goes wrong in it becomes a `FormatError` here.

Run as ``python -m aidline.formats.sandbox JOB`` (a JSON object); not meant for people.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from aidline.errors import FormatError

MEMORY_BYTES = 1_000 * 2**20
"""Address space of the child: what it may ask for, used or not."""

MOST_ANSWER_BYTES = 300 * 2**20
"""What the child may hand back, so that the parent stays small too."""

CPU_SECONDS = 120
WALL_SECONDS = 300

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "GDAL_NUM_THREADS",
)
_TOO_LARGE = (
    "it asks for more memory than the 1 GiB that a file may take: delete empty "
    "formatted rows and columns, or split it"
)
_TOO_LONG = "reading it takes too long: split it, or save it as CSV"


def run_sandboxed(kind: str, path: Path, **options: Any) -> dict[str, Any]:
    """Parse a file in a child process with limits.

    Parameters
    ----------
    kind
        "workbook", "layers", or "mark" = change a copy of a workbook.
    path
        The file.
    options
        More for the parser; JSON values.

    Returns
    -------
    What the parser gave, and ``peak_bytes``, the most memory that the child held.

    Raises
    ------
    FormatError
        The file cannot be read, or not within the limits.
    """
    with tempfile.TemporaryDirectory(prefix="aidline-") as folder:
        answer = Path(folder) / "answer.json"
        job = json.dumps(
            {"kind": kind, "path": str(path.resolve()), "answer": str(answer), **options}
        )
        environment = {
            **os.environ,
            **dict.fromkeys(_THREADS, "1"),
            "MALLOC_ARENA_MAX": "1",
            "PYTHONWARNINGS": "ignore",
        }
        environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "aidline.formats.sandbox", job],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FormatError(_TOO_LONG, file=path.name) from error
        if not answer.is_file():
            raise FormatError(_why(done.returncode, done.stderr), file=path.name)
        result: dict[str, Any] = json.loads(answer.read_bytes())
    if "error" in result:
        raise FormatError(result["error"], file=path.name, sheet=result.get("sheet", ""))
    return result


def _why(code: int, stderr: bytes) -> str:
    text = stderr.decode("utf-8", errors="replace")
    if code in {-24, -9} and "memory" not in text.lower():  # SIGXCPU, SIGKILL
        return _TOO_LONG
    if code in {-6, -9, -11} or "MemoryError" in text or "memory" in text.lower():
        return _TOO_LARGE
    last = text.strip().splitlines()[-1:] or [f"code {code}"]
    return f"the reader gave up ({last[0][:200]}): save it again as XLSX, CSV or GeoPackage"


def _limit() -> None:
    """Set the limits of this process, where the system knows them."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the scan before parsing still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_ANSWER_BYTES, MOST_ANSWER_BYTES))


def _peak_bytes() -> int:
    """Return the most memory that this process held, 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0][1]) * 1024 if lines else 0


def _parse(job: dict[str, Any]) -> dict[str, Any]:
    path = Path(job["path"])
    if job["kind"] == "workbook":
        from aidline.formats.xlsx_cells import parse_workbook

        return parse_workbook(path)
    if job["kind"] == "mark":
        from aidline.formats.marked_copy import mark_workbook

        return mark_workbook(path, Path(job["marks"]), Path(job["copy"]))
    from aidline.formats.geo_features import parse_layers

    return parse_layers(path, job.get("epsg"))


def main(job_text: str) -> None:
    """Do a job within the limits: read a file and write the answer as JSON."""
    _limit()
    job = json.loads(job_text)
    try:
        result = _parse(job)
    except FormatError as error:
        result = {"error": error.message, "sheet": error.sheet}
    except MemoryError:
        result = {"error": _TOO_LARGE}
    result["peak_bytes"] = _peak_bytes()
    data = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    if len(data) > MOST_ANSWER_BYTES:
        data = json.dumps({"error": _TOO_LARGE}).encode()
    part = Path(job["answer"] + ".part")
    part.write_bytes(data)
    part.rename(job["answer"])


if __name__ == "__main__":
    main(sys.argv[1])
