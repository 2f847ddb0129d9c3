"""`newscrawl notify`: sends alerts to the receivers in newscrawl.toml, and checks, tests and previews them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from newscrawl import config
from newscrawl.cli.output import tables
from newscrawl.errors import DeliveryError, Exit, NewscrawlError, UsageError
from newscrawl.serialization import records
from newscrawl.wording import counted, instant

if TYPE_CHECKING:
    from newscrawl.alerts.deliver import Delivery
    from newscrawl.alerts.gather import Examiner
    from newscrawl.model import OpenFinding, Receiver
    from newscrawl.store.archive import Engine

_HELP = "docs/alerts.md shows [[notify]] tables for mail, webhooks, Telegram and apprise"


@click.command(
    "notify",
    epilog=tables.examples(
        "newscrawl notify                     send everybody what is new",
        "newscrawl notify desk --dry-run      show what the receiver “desk” would get",
        "newscrawl notify --check             is the configuration right?",
        "newscrawl notify desk --test         send a test message",
        "newscrawl crawl --all --notify       after a crawl",
    ),
)
@click.argument("names", nargs=-1, metavar="[RECEIVER]...")
@click.option("--check", is_flag=True, help="Read the configuration, send nothing.")
@click.option("--test", is_flag=True, help="Send each receiver a test message and nothing else.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent; nothing is sent or recorded.")
@click.option("--retry", is_flag=True, help="Do not wait where an earlier message failed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a receiver.")
def notify(
    *, names: tuple[str, ...], check: bool, test: bool, dry_run: bool, retry: bool, as_json: bool
) -> None:
    """Send the receivers in newscrawl.toml what was removed, edited or is wrong since their last message.

    Each event is delivered once. A new receiver gets alerts from its first run on. A receiver that cannot be
    reached is tried again in later runs and does not delay the others.

    0 everything sent, 2 the configuration is wrong, 4 a receiver could not be reached, 5 alerts are being sent by another
    process, 7 the archive cannot be used.
    """
    if check + test + dry_run > 1:
        raise UsageError("--check, --test and --dry-run exclude each other")
    settings = config.load()
    chosen = _chosen(settings, names)
    if check:
        _check(chosen, as_json=as_json)
    elif test:
        sys.exit(int(_test(settings, chosen, as_json=as_json)))
    elif dry_run:
        _preview(settings, chosen, as_json=as_json)
    else:
        sys.exit(int(_deliver(settings, chosen, as_json=as_json, at_once=retry)))


def after_crawl(*, wanted: bool | None) -> None:
    """Sends alerts after a crawl if `wanted`; None leaves it to newscrawl.toml.

    Every error is printed as one line and not raised, because the exit code is that of the crawl.
    """
    try:
        settings = config.load()
        if settings.notify_after_crawl if wanted is None else wanted:
            _deliver(settings, _chosen(settings, ()), as_json=False, at_once=False)
    except NewscrawlError as error:
        tables.note(f"newscrawl: no alerts were sent: {error}")
    except KeyboardInterrupt:
        tables.note("newscrawl: alerts stopped; the rest is sent next time")
    except Exception as error:  # noqa: BLE001 - a bug in alerts must not make a good crawl fail
        tables.note(f"newscrawl: no alerts were sent: unexpected error: {type(error).__name__}")


def _chosen(settings: config.Config, names: Sequence[str]) -> list[Receiver]:
    from newscrawl.alerts.settings import receivers

    found = {receiver.name: receiver for receiver in receivers(settings.notify, config.secret)}
    if not found:
        raise UsageError("newscrawl.toml holds no [[notify]] table", hint=_HELP)
    if unknown := next((name for name in names if name not in found), None):
        raise UsageError("no receiver has this name", subject=unknown, hint=f"Known are {', '.join(found)}")
    return [found[name] for name in dict.fromkeys(names)] if names else list(found.values())


def _check(chosen: Iterable[Receiver], *, as_json: bool) -> None:
    from newscrawl.alerts import transports
    from newscrawl.model import Apprise, Telegram

    for receiver in chosen:
        if isinstance(receiver.transport, Apprise | Telegram):
            transports.apprise.check(receiver.transport, receiver.name)
        setup: dict[str, Any] = {
            "receiver": receiver.name,
            "kind": receiver.transport.kind,
            "to": transports.description(receiver.transport),
            "what": sorted(receiver.topics),
            "sources": sorted(receiver.sources),
            "editions": sorted(receiver.editions),
            "edits": sorted(receiver.kinds),
            "keywords": list(receiver.keywords),
            "digest": receiver.digest.value,
            "budget": receiver.budget,
        }
        if as_json:
            tables.write_json([setup])
            continue
        filters = "; ".join(
            f"{name} {', '.join(setup[name])}"
            for name in ("what", "sources", "editions", "edits", "keywords")
            if setup[name]
        )
        limits = f"{receiver.digest.value}, at most {receiver.budget} a source and day"
        tables.print_lines([tables.safe(f"{receiver.name}: {setup['to']}; {filters}; {limits}")])


def _test(settings: config.Config, chosen: Iterable[Receiver], *, as_json: bool) -> Exit:
    from newscrawl.alerts import deliver

    code = Exit.OK
    for receiver in chosen:
        name, kind, error, remark = receiver.name, receiver.transport.kind, None, None
        try:
            remark = deliver.send_test(receiver, settings.clock())
        except DeliveryError as failure:
            error, code = failure.message, Exit.PARTLY_FAILED
        if as_json:
            tables.write_json([{"receiver": name, "kind": kind, "error": error, "remark": remark}])
        if error or remark:
            tables.note(f"newscrawl: {name} ({kind}): {error or remark}")
        elif not as_json:
            tables.print_lines([f"{name} ({kind}): a test message was taken"])
    return code


def _preview(settings: config.Config, chosen: Sequence[Receiver], *, as_json: bool) -> None:
    from newscrawl.alerts import deliver, rendering
    from newscrawl.alerts.transports import webhook

    found = deliver.preview(
        settings.database_url,
        chosen,
        settings.clock,
        health=_health(settings),
        reader_url=settings.reader_url,
    )
    for number, (receiver, message) in enumerate(found):
        if as_json:
            document = webhook.document(message) if message is not None else None
            tables.write_json([{"receiver": receiver.name, "message": document}])
            continue
        lines = ["", *rendering.text(message).splitlines()] if message is not None else ["", "Nothing new."]
        subject = f": {message.subject}" if message is not None else ""
        head = f"=== {receiver.name} ({receiver.transport.kind}){subject}"
        tables.print_lines([*([""] if number else []), *(tables.safe(line) for line in (head, *lines))])


def _deliver(settings: config.Config, chosen: Sequence[Receiver], *, as_json: bool, at_once: bool) -> Exit:
    from newscrawl.alerts import deliver

    deliveries = deliver.deliver(
        settings.database_url,
        chosen,
        settings.clock,
        health=_health(settings),
        reader_url=settings.reader_url,
        at_once=at_once,
    )
    for delivery in deliveries:
        _report(delivery, as_json=as_json)
    return Exit.PARTLY_FAILED if any(one.error or one.remark for one in deliveries) else Exit.OK


def _health(settings: config.Config) -> Examiner:
    """A function that returns the current findings of health."""

    def find(_engine: Engine) -> list[OpenFinding]:
        from newscrawl.cli.operating.health import examine
        from newscrawl.model import OpenFinding, Topic

        return [
            OpenFinding(Topic.HEALTH, one.key, one.source, one.edition, one.line, one.since)
            for one in examine(settings).findings
        ]

    return find


def _report(delivery: Delivery, *, as_json: bool) -> None:
    if as_json:
        report: dict[str, Any] = {
            "receiver": delivery.receiver,
            "kind": delivery.kind,
            "new": delivery.new,
            "told": delivery.sent,
            "waiting": delivery.waiting,
            "given_up": delivery.given_up,
            "error": delivery.error,
            "next_attempt": records.instant(delivery.next_attempt),
            "remark": delivery.remark,
            "began": delivery.is_new,
        }
        tables.write_json([report])
    who = f"newscrawl: {delivery.receiver} ({delivery.kind})"
    if delivery.error:
        when = f"; tried again from {instant(delivery.next_attempt)} on" if delivery.next_attempt else ""
        tables.note(f"{who}: {delivery.error}; {counted(delivery.waiting, 'alert')} waiting{when}")
    if delivery.given_up:
        given_up = counted(delivery.given_up, "alert")
        tables.note(
            f"{who}: {given_up} could not be delivered in time and were given up: newscrawl changes; newscrawl removed"
        )
    if delivery.remark:
        tables.note(f"{who}: {delivery.remark}")
    if as_json or not sys.stdout.isatty():
        return
    if delivery.is_new and not delivery.new:
        tables.print_lines([f"{delivery.receiver}: gets alerts from now on"])
    elif not delivery.error:
        waiting = f", {delivery.waiting} waiting" if delivery.waiting else ""
        tables.print_lines([f"{delivery.receiver}: {counted(delivery.sent, 'alert')} sent{waiting}"])
