"""Seeds forty faults, one at a time, and checks that the tests notice each of them.

    python benchmarks/seeded_faults.py CHECKOUT                  all faults, one after the other
    python benchmarks/seeded_faults.py CHECKOUT --only "torn"    those whose name contains one of the words given
    python benchmarks/seeded_faults.py CHECKOUT --list           where each fault would be seeded; runs nothing

CHECKOUT is a working copy with its own `.venv`. It is copied to a temporary folder and left as it is. A fault is one a
maintainer could make: it changes what the archive says or keeps. It is given as a fragment of code and what takes its
place, looked for in the whole package, so that it outlives files that move and names that change; a fragment found
nowhere or twice is an error. The test files of a fault are run in their order until one fails; each must pass without
a fault before its first use. Of a file that takes minutes only the tests with a word in their names are run (`life:renamed`). Exit code 0 if every fault is caught, 1 otherwise.

How fragments are written: white space stands for any white space or none, a comma before a closing bracket for one or none,
`<<look|observation>>` for one of several names; `<<1>>` in the replacement is the name that was found.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 600  # seconds for one test file; a healthy one takes a third of it on a busy machine
_OBS = "<<look|observation>>"
_NO_TESTS, _HANG = 5, 124  # exit codes: pytest's, and one that stands for a timeout

# Test files by what they test: before and after they were sorted into folders.
TESTS = {
    "removal": ("test_judge_removal.py", "judge/test_removal.py"),
    "verdict": ("test_judge_verdict.py", "judge/test_verdict.py", "judge/test_monthly_limit.py"),
    "identity": ("test_judge_identity.py", "judge/test_identity.py"),
    "recheck": ("test_judge_recheck.py", "judge/test_recheck.py"),
    "kinds": ("test_judge_change.py", "judge/test_kinds.py"),
    "diff": ("test_judge_diff.py", "judge/test_diff.py"),
    "joining": ("test_coverage_joining.py", "judge/test_joining.py"),
    "gaps": ("test_coverage_windows.py", "judge/test_gaps.py"),
    "health": ("test_health_judge.py", "judge/test_health.py"),
    "controls": ("test_crawl_witnesses.py", "archiving/test_controls.py", "judge/test_controls.py"),
    "pieces": ("test_crawl_doubt.py", "archiving/test_identity.py"),
    "edits": ("test_crawl_edits.py", "archiving/test_edits.py"),
    "week": ("test_crawl_ledger.py", "archiving/test_week.py"),
    "life": ("test_life.py", "archiving/test_life.py"),
    "crawl-faults": ("test_crawl_faults.py", "crawl/test_faults.py"),
    "dedupe": ("test_crawl_dedupe.py", "crawl/test_dedupe.py"),
    "kill": ("test_fault_kill.py", "faults/test_kill.py"),
    "disk": ("test_fault_disk.py", "faults/test_disk.py"),
    "import-files": ("test_import_files.py", "importing/test_files.py"),
    "import-history": ("test_import_history.py", "importing/test_history.py"),
    "ledger": ("test_store_ledger.py", "store/test_ledger.py"),
    "frontier": ("test_store_frontier.py", "store/test_frontier.py"),
    "runs": ("test_store_runs.py", "store/test_runs.py"),
    "copying": ("test_copying.py", "store/test_copying.py"),
    "verify": ("test_verify.py", "maintenance/test_verify.py"),
    "maintenance": ("test_upkeep.py", "maintenance/test_maintenance.py", "maintenance/test_pruning.py"),
    "reprocess": ("test_reprocess.py", "archiving/test_reprocess.py"),
    "warc": ("test_warc.py", "warc/test_warc.py"),
    "manifest": ("test_manifest.py", "warc/test_manifest.py"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in plain words, the test files that concern it, and the changes one of which seeds it: (fragment, replacement)."""

    name: str
    tests: str
    changes: tuple[tuple[str, str], ...]


def _fault(name: str, tests: str, *texts: str) -> Fault:
    return Fault(name, tests, tuple(zip(texts[::2], texts[1::2], strict=True)))


FAULTS = (
    # --- judge: removal, verdict, controls, soft 404 ---
    _fault("a second signal confirms a removal", "removal verdict",
        ">= SIGNALS_NEEDED", ">= SIGNALS_NEEDED - 1"),
    _fault("three signals within an hour confirm a removal", "removal verdict",
        "now - earlier[0] >= span", "now >= earlier[0]", "now - min(earlier) >= span", "now >= min(earlier)"),
    _fault("a challenge page that came by a redirect is a removal", "removal verdict",
        "is not FetchOutcome.OK or page_type is PageType.CHALLENGE: return None", "is not FetchOutcome.OK: return None",
        "or page_type is PageType.CHALLENGE or wall is not None", "or wall is not None"),
    _fault("an absence counts although the controls failed", "verdict life:whole_site",
        f"if {_OBS}.controls_fine is False: return", "if <<1>>.probe: return"),
    _fault("a headline between two wordings is told without end", "verdict",
        "matters = earlier is None and not _MATTERS", "matters = not _MATTERS",
        "matters = not again and not MATTERS", "matters = not MATTERS"),
    _fault("an undated page that only a link names is an article", "pieces:undated",
        "article.published is None and not around.<<vouched|attested>>", "article.published is None and around.past"),
    _fault("a site that hides behind one page is evidence for itself", "controls",
        "alive >= NEEDED and not hidden", "alive >= NEEDED"),
    _fault("a soft 404 may have any title", "controls",
        "if _without(one.title, own) != _without(other.title, own): return False", ""),
    # --- judge: identity, recheck, kinds, diff, coverage, health ---
    _fault("one headline over two texts makes them one piece", "identity",
        "same_title and (overlap >= SAME_BODY / 2 or not one.body or not other.body)", "same_title"),
    _fault("a page's claim of an address is believed", "identity",
        "if direct is not None and confirmed:", "if direct is not None:"),
    _fault("an address that refuses us is asked ever more rarely without end", "recheck",
        "min((now - due) / 4, AFTER_FAILURES)", "(now - due) / 4"),
    _fault("what was shortened is called extended", "kinds",
        "ChangeKind.EXTENDED if words > 0 else ChangeKind.SHORTENED", "ChangeKind.EXTENDED if before > 0 else ChangeKind.SHORTENED"),
    _fault("a paragraph that moved is shown as removed and added", "diff kinds",
        "BlockKind.MOVED if group.moved else BlockKind(op.value)", "BlockKind(op.value)"),
    _fault("one entry that stays in a list proves that nothing was missed", "joining gaps",
        "if 2 * len(set(ranked[:NEWEST]) & set(now)) > len(ranked[:NEWEST]):", "if set(ranked[:NEWEST]) & set(now):"),
    _fault("an outage that lasts is no gap", "gaps",
        "dead[-1][-1].at, dead, lasts=True", "dead[-1][-1].at, dead, lasts=False"),
    _fault("crawls that are killed half of the time are healthy", "health",
        "if len(killed) < KILLED: return None", "if len(killed) <= KILLED: return None"),
    # --- archiving, importing ---
    _fault("a removal signal waits for no control", "life:whole_site",
        f"if signal_in({_OBS}, known) is not None: return True", "if signal_in(<<1>>, known) is not None: return False"),
    _fault("an address that leads to another piece is the article", "life:gone_then_back dedupe",
        "return not ours and not identity.same_piece(", "return ours and not identity.same_piece("),
    _fault("an article that moved is said to be removed", "pieces:renamed life:renamed",
        "identity.same_text(article.content, other.content): return other.url",
        "identity.same_text(article.content, other.content): return None"),
    _fault("an upgrade of the extractor looks like an edit", "pieces:new_extractor week:new_extractor",
        "or not extracted.is_article: return article, False", "or not extracted.is_article: return article, True",
        "or not page.is_article: return article, None, False", "or not page.is_article: return article, None, True"),
    _fault("the WARC is not flushed before the commit", "kill:test_crawl",
        "self._warc.sync() return self._archive.transact(", "return self._archive.transact(", "warc.sync()", "pass"),
    _fault("one bad item takes its batch along", "crawl-faults:never_swallowed",
        "await self._one_by_one(batch)", "[_settle(waiting) for waiting in batch]"),
    _fault("an absence of the past changes what an article is today", "import-history:absence",
        f"{_OBS}.fetch.at < article.last_checked", "<<1>>.fetch.at < article.first_seen"),
    _fault("another page that was imported is an edit", "import-history:another_page",
        "verdict.kind is VerdictKind.CHANGED and not _related(", "verdict.kind is VerdictKind.NEW and not _related("),
    # --- store ---
    _fault("an address goes over to whoever was read there last", "ledger",
        'elif confirmed and not row["confirmed"]', "elif confirmed"),
    _fault("the change log has no entry for an edit", "ledger",
        '_log(connection, source_id, run_id, article.id, at, "edited", article.version, version, verdict)', "pass"),
    _fault("validators of an older answer stay", "ledger",
        "if value or verdict.kind is not VerdictKind.NOT_MODIFIED:", "if value:"),
    _fault("a list that could not be read to its end counts as read", "frontier",
        "read.problem is None and not read.pending", "not read.pending"),
    _fault("the oldest of what waits is asked first", "frontier",
        "newest.is_(None), newest.desc(),", "newest.is_(None), newest,"),
    _fault("a text that came back is said to be that of a later version", "ledger",
        "hashes[article_id].setdefault(content_hash, number)", "hashes[article_id].update({content_hash: number})"),
    _fault("a run that was replaced goes on writing", "runs",
        "held.values(heartbeat=_now(connection))).rowcount != 1", "held.values(heartbeat=_now(connection))).rowcount > 1"),
    _fault("a copy that differs is kept", "copying",
        "if one != other", "if one.rows != other.rows"),
    _fault("observations keep the number of a version that moved up", "import-history:test_history",
        "for column in (observations.c.version, changes.c.from_version,", "for column in (changes.c.from_version,"),
    _fault("the last response that showed a version is pruned", "maintenance:stays",
        "<<looks|checks>>.c.later.is_not(None),", ""),
    # --- warc ---
    _fault("the torn tail is left", "warc",
        "os.ftruncate(raw.fileno(), end)", "pass"),
    _fault("what did not fit on the disk is left in the file", "warc",
        "os.ftruncate(file.fd, offset)", "pass"),
    _fault("a page cut short passes for whole", "warc",
        'return bytes(out), f"{name} data cut short"', "return bytes(out), None"),
    _fault("other bytes are a revisit", "warc",
        "or (digest is not None and ref.digest != digest)", ""),
    _fault("a closed file gets more records", "manifest warc",
        "if size and self._closed(path):", "if self._closed(path) and not size:"),
    _fault("a file of today is closed", "manifest",
        'earlier = ours["day"] < f"{today:%Y%m%d}"', 'earlier = ours["day"] <= f"{today:%Y%m%d}"'),
)  # fmt: skip


class Unusable(Exception):
    """A fault that cannot be seeded, or tests that cannot be run: says why."""


def pattern(fragment: str) -> re.Pattern[str]:
    """What matches a fragment of code however it is wrapped."""
    parts: list[str] = []
    for token in re.findall(r"<<.*?>>|\w+|[^\w\s]", fragment):
        if token.startswith("<<"):
            parts.append(rf"\b({token[2:-2]})\b")
        elif token.isidentifier() or token.isdigit():
            parts.append(rf"\b{token}\b")
        else:
            parts.append((r",?\s*" if token in ")]}" else "") + re.escape(token))
    return re.compile(r"\s*".join(parts))


def place(root: Path, fault: Fault) -> tuple[Path, str]:
    """The file a fault goes into, and its text with the fault. Raises Unusable."""
    sources = {path: path.read_text("utf-8") for path in sorted((root / "newscrawl").rglob("*.py"))}
    for fragment, replacement in fault.changes:
        wanted, new = pattern(fragment), re.sub(r"<<(\d)>>", r"\\\1", replacement)
        found = [(path, match) for path, text in sources.items() for match in wanted.finditer(text)]
        if found:
            break
    if len(found) != 1:
        where = ", ".join(str(path.relative_to(root)) for path, _ in found)
        raise Unusable(f"found in {where}" if found else "found nowhere")
    path, match = found[0]
    text = match.string[: match.start()] + match.expand(new) + match.string[match.end() :]
    try:
        compile(text, str(path), "exec")
    except SyntaxError as error:
        raise Unusable(f"is no Python at line {error.lineno}") from error
    return path, text


@contextmanager
def seeded(root: Path, fault: Fault | None) -> Iterator[None]:
    """The copy with a fault in it for a while; None: as it is."""
    if fault is None:
        yield
        return
    path, text = place(root, fault)
    before = path.read_text("utf-8")
    path.write_text(text, "utf-8")
    try:
        yield
    finally:
        path.write_text(before, "utf-8")


@dataclass(slots=True)
class Bench:
    """A copy of a checkout in which faults are seeded, and which of its test files are known to pass without one."""

    root: Path
    python: Path
    passed: set[tuple[str, str]]

    def environment(self) -> dict[str, str]:
        """The copy's code comes before the one installed, in the processes that tests start as well."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
        return kept | {"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}

    def check_imports(self) -> None:
        """Raises Unusable where anything but the copy's code would be tested, in a child's child, too."""
        inner = "import newscrawl; print(newscrawl.__file__)"
        outer = f"import subprocess, sys; {inner}; subprocess.run([sys.executable, '-c', {inner!r}])"
        with tempfile.TemporaryDirectory() as elsewhere:
            done = subprocess.run(
                [self.python, "-c", f"import os; os.chdir({elsewhere!r}); {outer}"],
                env=self.environment(), capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
        files = [Path(line) for line in done.stdout.split()]
        if len(files) != 2 or not all(file.is_relative_to(self.root) for file in files):
            raise Unusable(f"the copy is not what is imported: {done.stdout}{done.stderr}")

    def files(self, fault: Fault) -> list[tuple[str, str]]:
        """The test files of a fault that this checkout has, in order, each with the word for `-k`. Raises Unusable where it has none."""
        keys = [key.partition(":") for key in fault.tests.split()]
        named = [(f"tests/{name}", word) for key, _, word in keys for name in TESTS[key]]
        found = [(name, word) for name, word in named if (self.root / name).is_file()]
        if not found:
            raise Unusable(f"no test file for {fault.tests}")
        return found

    def run(self, file: str, word: str, fault: Fault | None) -> tuple[int, str]:
        """Exit code of pytest for one file, and the first test that failed."""
        options = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=no", "-k", word]
        with seeded(self.root, fault):
            process = subprocess.Popen(
                [self.python, "-m", "pytest", file, *options], cwd=self.root, env=self.environment(), text=True,
                start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                output, _ = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # with what the test has started
                process.communicate()
                return _HANG, f"no end within {TIMEOUT} s"
        if process.returncode == _NO_TESTS and word:  # renamed since: all of the file, then
            return self.run(file, "", fault)
        failed = re.search(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", output, re.MULTILINE)
        return process.returncode, failed[1] if failed else output[-400:]

    def catch(self, fault: Fault) -> str | None:
        """The test that notices a fault, None if none does. Raises Unusable."""
        place(self.root, fault)
        for file, word in self.files(fault):
            if (file, word) not in self.passed:
                code, test = self.run(file, word, None)
                if code != 0:
                    raise Unusable(f"{file} {word} does not pass without a fault: {test}")
                self.passed.add((file, word))
            code, test = self.run(file, word, fault)
            if code == 1:
                return test
            if code != 0:
                raise Unusable(f"{file} {word} could not be run with it: {test}")
        return None


@contextmanager
def bench(checkout: Path) -> Iterator[Bench]:
    """A bench with a copy of a checkout, taken away at the end."""
    with tempfile.TemporaryDirectory(prefix="seeded-") as folder:
        root = Path(folder).resolve() / "copy"
        unwanted = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "archive")
        shutil.copytree(checkout, root, ignore=unwanted, symlinks=True)
        yield Bench(root, checkout.resolve() / ".venv" / "bin" / "python", set())


def listed(checkout: Path, faults: tuple[Fault, ...]) -> int:
    """Prints where each fault would be seeded; how many cannot be."""
    bad = 0
    for number, fault in enumerate(faults, 1):
        try:
            where = str(place(checkout, fault)[0].relative_to(checkout))
        except Unusable as error:
            where, bad = f"CANNOT BE SEEDED: {error}", bad + 1
        print(f"{number:2} {fault.name}: {where}")
    return bad


def main() -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[""])
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    faults = tuple(fault for fault in FAULTS if any(word in fault.name for word in options.only))
    if options.list:
        return 1 if listed(options.checkout, faults) else 0
    caught, began = 0, time.monotonic()
    with bench(options.checkout) as one:
        one.check_imports()
        for number, fault in enumerate(faults, 1):
            start = time.monotonic()
            try:
                test = one.catch(fault)
                said = f"caught by {test}" if test else "NOT caught"
                caught += test is not None
            except Unusable as error:
                said = f"NOT caught: {error}"
            print(f"{number:2} {fault.name}: {said} ({time.monotonic() - start:.0f} s)", flush=True)
    print(f"{caught} of {len(faults)} caught in {time.monotonic() - began:.0f} s")
    return 0 if faults and caught == len(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
