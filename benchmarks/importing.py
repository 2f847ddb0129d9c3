"""Imports a WARC file of made-up articles, and prints its speed compared with only reading the file, and the memory.

    python benchmarks/importing.py [--records 10000] [--workers N] [--keep DIR]

The pages are the made-up outlet's, each with a headline, an address and a paragraph of its own; one in ten records
is something else (a request, a picture, a 404). Plain reading is warcio's ArchiveIterator over every payload.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.demo import Clock, Outlet, OutletServer

ROOT = Path(__file__).parents[1]
START = datetime(2026, 5, 1, tzinfo=UTC)


def main() -> int:
    """Runs the benchmark; the exit code is the import's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--keep", type=Path, help="keep file and archive in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newscrawl-importing-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "made-up.warc.gz"
        _write(file, options.records)
        seconds, payload = _plain(file)
        plain = options.records / seconds
        print(
            f"{options.records:,} records, {file.stat().st_size / 1e6:.1f} MB packed, {payload / 1e6:.1f} MB of payloads"
        )
        print(f"plain reading: {seconds:.1f} s, {plain:,.0f} records/s")
        return _import(file, folder, options, plain)


def _write(file: Path, number: int) -> None:
    outlet = Outlet(seed=3)
    clock = Clock(outlet.moments[-1])
    pages = []
    with OutletServer(outlet, clock) as server:
        for edition, piece in ((name, one) for name in outlet.editions for one in outlet.pieces(name)):
            version = piece.version_at(clock.now())
            if version is None:
                continue
            try:
                with urlopen(server.url(edition, piece.path)) as answer:
                    pages.append((version.title, answer.read().decode()))
            except HTTPError:
                continue
    with file.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for n in range(number):
            title, html = pages[n % len(pages)]
            html = html.replace(title, f"{title}, {n} ").replace("</p>", f" ({n * 7919 % 10007})</p>", 3)
            _record(writer, n, html.encode())


def _record(writer: WARCWriter, n: int, body: bytes) -> None:
    kind, status = ("image/png", "200 OK") if n % 20 == 9 else ("text/html; charset=utf-8", "200 OK")
    if n % 20 == 19:
        status = "404 Not Found"
    head = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
    at = (START + timedelta(seconds=n)).strftime("%Y-%m-%dT%H:%M:%SZ")
    writer.write_record(
        writer.create_warc_record(
            f"https://desk.example/news/{n + 1000}", "response", payload=io.BytesIO(body), length=len(body),
            http_headers=head, warc_headers_dict={"WARC-Date": at},
        )
    )  # fmt: skip


def _plain(file: Path) -> tuple[float, int]:
    started, size = time.monotonic(), 0
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            size += len(record.content_stream().read())
    return time.monotonic() - started, size


def _import(file: Path, folder: Path, options: argparse.Namespace, plain: float) -> int:
    environment = {**os.environ, "NEWSCRAWL_HOME": str(folder / "archive"), "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "newscrawl",
        "import",
        str(file),
        "--json",
        "--workers",
        str(options.workers),
    ]
    started, before = time.monotonic(), os.times()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    sizes: list[float] = []
    watcher = threading.Thread(target=_watch, args=(process, sizes))
    watcher.start()
    printed, _ = process.communicate()
    watcher.join()
    seconds, after = time.monotonic() - started, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    rate = options.records / seconds
    print(f"import, {options.workers} workers: {seconds:.1f} s, {rate:,.1f} records/s, {1000 * cpu / options.records:.1f} ms CPU a record; "
          f"plain reading is {plain / rate:,.0f} times as fast")  # fmt: skip
    if sizes:
        quarter = sizes[len(sizes) // 4]
        print(
            f"memory of the importing process: {quarter:.0f} MB after a quarter of the time, {max(sizes):.0f} MB at most"
        )
    print(json.dumps(json.loads(printed)["outcomes"]) if printed.strip() else "no summary")
    return process.returncode


def _watch(process: subprocess.Popen[str], sizes: list[float]) -> None:
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            return
        sizes += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")]
        time.sleep(0.25)


if __name__ == "__main__":
    sys.exit(main())
