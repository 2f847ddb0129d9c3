"""What `newscrawl schedule` prints: crontab lines that cron understands, units that systemd accepts, and commands that run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from newscrawl.cli import cli
from newscrawl.cli.options import Duration
from newscrawl.errors import Exit
from newscrawl.proof.notes import PrivateKey
from newscrawl.schedule import cron, systemd
from newscrawl.schedule.durations import short
from tests.support.fake_site import NOW, ROOT, Stand, front, one, story
from tests.support.fresh import seed

EVERY = ["5m", "10m", "15m", "20m", "30m", "1h", "2h", "6h", "12h", "24h"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Calls the command in a folder whose name has everything in it that shells, cron and systemd act on."""
    folder = tmp_path / '50% of "my" $HOME\'s desk'
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["-m"])

    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, ["schedule", *words])

    return call


def _jobs(text: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """A crontab as cron reads it: its variables, and the five fields of each command."""
    variables, jobs = {}, {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if set_ := re.match(r"([A-Z_]+)=(.*)", line):
            variables[set_[1]] = set_[2]
            continue
        *fields, command = line.split(None, 5)
        assert len(fields) == 5
        assert not re.search(r"(?<!\\)%", command), "a bare percent sign ends the command"
        jobs[command.replace(r"\%", "%")] = fields
    return variables, jobs


def _instants(fields: list[str]) -> list[int]:
    """The minutes of a day at which a line is due."""
    minutes, hours, *days = fields
    assert days == ["*", "*", "*"]
    chosen = range(24) if hours == "*" else [int(hour) for hour in hours.split(",")]
    found = sorted(60 * hour + int(minute) for hour in chosen for minute in minutes.split(","))
    assert all(0 <= instant < 1440 for instant in found)
    return found


@pytest.mark.parametrize("every", EVERY)
def test_each_source_comes_round_evenly(run, every):
    """As often as asked for, at equal distances, past midnight as well."""
    done = run("--print", "cron", "orda", "--every", every)
    ((_, fields), *_) = _jobs(done.stdout)[1].items()
    instants = _instants(fields)
    distances = {b - a for a, b in zip(instants, [*instants[1:], instants[0] + 1440], strict=True)}
    assert distances == {Duration().convert(every, None, None) // timedelta(minutes=1)}


def test_times_are_spread_and_stay(run):
    """All sources have a line; each has its own time, whatever other sources there are."""
    everything = _jobs(run("--print", "cron").stdout)[1]
    few = _jobs(run("--print", "cron", "vlast", "orda").stdout)[1]
    crawls = {
        command.split(" crawl ")[1].split()[0]: job
        for command, job in everything.items()
        if " crawl " in command
    }
    assert len(crawls) > 15
    assert len({fields[0] for fields in crawls.values()}) > len(crawls) // 2
    assert few.items() <= everything.items()
    assert [line.split("newscrawl ")[1].split()[0] for line in few] == ["crawl", "crawl", "health", "verify"]
    assert [fields[2:] for command, fields in few.items() if "verify" in command] == [["*", "*", "0"]]


@pytest.mark.slow
def test_printed_commands_run(run, tmp_path):
    """As cron runs them: a shell, no environment but the crontab's own, from another folder; nothing is printed."""
    seed(f"sqlite:///{tmp_path / 'kept' / 'newscrawl.db'}")
    done = CliRunner(
        env={"NEWSCRAWL_HOME": str(tmp_path / "kept"), "NEWSCRAWL_CONTACT": "desk (100 %)"}
    ).invoke(cli, ["schedule", "--print", "cron", "orda"])
    variables, jobs = _jobs(done.stdout)
    assert variables["NEWSCRAWL_CONTACT"] == "desk (100 %)"
    crawl, health, verify = jobs
    assert _program(crawl).is_absolute()
    with Stand({"/": front("/ferry-number-301"), "/ferry-number-301": story("Nr301")}) as site:
        more = {crawl: f" --site {site.url} --edition en -s DOWNLOAD_DELAY=0", health: "", verify: ""}
        for command, words in more.items():
            finished = subprocess.run(
                [variables["SHELL"], "-c", command + words], cwd="/", capture_output=True, text=True,
                env={**variables, "PYTHONPATH": str(ROOT), "NEWSCRAWL_NOW": NOW.isoformat()}, timeout=120,
            )  # fmt: skip
            assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", ""), command
    assert one(tmp_path / "kept", "select count(*) from articles") == 1


def _program(command: str) -> Path:
    """The first word after `cd … &&`."""
    return Path(command.rpartition(" && ")[2].split()[0])


TOML = 'prune_listings = "90d"\ntimestamp_authority = "https://stamps.example"\n[[notify]]\nname = "desk"\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\n'
ALL = ["notify", "health", "backup", "prune", "timestamp", "witness", "verify"]


def configured() -> None:
    """A configuration that asks for everything, and a log of another archive that is watched."""
    Path("newscrawl.toml").write_text(TOML, "utf-8")
    log = Path("archive/proof/witness/one/log.json")
    log.parent.mkdir(parents=True)
    key = PrivateKey.new("press.example/log").public.vkey
    told = {"origin": "press.example/log", "keys": [key], "target": "https://press.example/proof"}
    log.write_text(json.dumps(told), "utf-8")


def test_everything_an_archive_needs_is_planned(run):
    """Health and verify always; backup, alerts, pruning, time stamps and witnessing where they are configured, else what to do is said."""
    bare = run("--print", "cron", "orda").stdout
    assert "No backup is planned" in bare
    assert "No alerts are planned" in bare
    assert "Nothing is pruned" in bare
    configured()
    planned = run("--print", "cron", "orda", "--backup", "/mnt/b")
    jobs = [job for job in _jobs(planned.stdout)[1] if " crawl " not in job]
    commands = ["proof" if name == "timestamp" else name for name in ALL]
    assert [job.split("newscrawl ")[1].split()[0].rstrip(")") for job in jobs] == commands
    assert " backup /mnt/b" in jobs[2]
    assert "is planned" not in planned.stdout
    units = run("--print", "systemd", "orda", "--backup", "/mnt/b").stdout
    for name in ALL:
        assert f"# --- newscrawl-{name}.service" in units
        assert f" newscrawl-{name}.timer" in units
    assert re.search(r"ReadWritePaths=.* /mnt/b\n", units)


@pytest.mark.slow
def test_a_report_is_mailed_only_when_something_is_wrong(run, tmp_path):
    """The line of health says nothing while all is well, and the whole report if not."""
    (_, health, _), env = (
        _jobs(run("--print", "cron", "orda").stdout)[1],
        {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    url = seed(f"sqlite:///{tmp_path / 'kept' / 'newscrawl.db'}")
    del url
    for home, code, said in ((tmp_path / "kept", 0, ""), (tmp_path / "nothing", 0, "newscrawl: ")):
        done = subprocess.run(
            ["/bin/sh", "-c", health],
            capture_output=True,
            text=True,
            env={**env, "NEWSCRAWL_HOME": str(home)},
        )
        assert (done.returncode, done.stderr, bool(done.stdout)) == (code, "", bool(said))
        assert done.stdout.startswith(said)


def test_units_are_accepted_by_systemd(run, tmp_path):
    """Each unit, and the template for one source, by systemd's own check."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed")
    configured()
    output = run("--print", "systemd", "orda", "--backup", "/mnt/b").stdout
    names = re.findall(r"^# --- (\S+)$", output, re.MULTILINE)
    paths = []
    for name in names:
        printed = run("--print", "systemd", "orda", "--backup", "/mnt/b", "--unit", name).stdout
        assert printed in output
        paths.append(tmp_path / name.replace("@", "@orda"))
        paths[-1].write_text(printed)
    done = subprocess.run([analyze, "verify", "--man=no", *paths], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(names) == 2 + 2 * len(ALL)
    for every in EVERY:
        calendar = systemd.calendar(Duration().convert(every, None, None))
        assert subprocess.run([analyze, "calendar", calendar], capture_output=True).returncode == 0, calendar


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://press:geheim@db/archive", "postgresql://press:***@db/archive"),
        ("postgresql://press@db/archive?password=geheim", "postgresql://press@db/archive?password=***"),
    ],
    ids=["before the host", "among the options"],
)
def test_passwords_are_not_printed(run, monkeypatch, address, shown):
    """An address with a password is shown with stars, and what to do about it stands beside it; a job installed as it is fails."""
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", address)
    monkeypatch.setenv("NEWSCRAWL_NOW", NOW.isoformat())
    for form in ("cron", "systemd"):
        output = run("--print", form).stdout
        assert "geheim" not in output
        assert "NEWSCRAWL_NOW" not in output
        assert shown in output
        assert "password" in output


WRONG = {
    "no source": (("--print", "cron", "nobody"), "no such source"),
    "an uneven time": (("--print", "cron", "--every", "7m"), "come round evenly"),
    "too often": (("--print", "cron", "--every", "1m"), "come round evenly"),
    "no time": (("--print", "systemd", "--every", "soon"), "is no length of time"),
    "no form": ((), "Missing option '--print'"),
    "no unit": (("--print", "systemd", "--unit", "x.timer"), "no such unit"),
    "a unit of cron": (("--print", "cron", "--unit", "x.timer"), "goes with --print systemd"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_words(run, name):
    """One line, exit code 2, nothing printed."""
    words, message = WRONG[name]
    done = run(*words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (Exit.USAGE, "", 1)
    assert message in done.stderr


LENGTHS = {"45m": 2700, "90s": 90, "90": 90, "2h": 7200, "1h30m": 5400, "1d": 86400, " 2 H ": 7200}


@pytest.mark.parametrize("text", LENGTHS)
def test_lengths_of_time(text):
    """Read in any unit, and written so that they read the same."""
    length = Duration().convert(text, None, None)
    assert length.total_seconds() == LENGTHS[text]
    assert Duration().convert(short(length), None, None) == length


@pytest.mark.parametrize("text", ["", "0", "-5m", "m", "1.5h", "5x", "9" * 30 + "s", "٣m", "2m1h"])
def test_no_lengths_of_time(text):
    """Refused in one sentence."""
    with pytest.raises(Exception, match="is no length of time"):
        Duration().convert(text, None, None)


def test_spread_is_the_same_for_ever():
    """A source's time must not move with an upgrade."""
    assert {name: cron.spread(name, timedelta(hours=1)) for name in ("orda", "vlast")} == {
        "orda": 2,
        "vlast": 35,
    }
