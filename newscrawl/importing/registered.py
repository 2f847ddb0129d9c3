"""Whose the addresses of an import are, as the spiders know their outlets. Takes nothing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newscrawl.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.importing.outlets import Outlet, Outlets


def sources(source: str | None = None, edition: str | None = None, site: str | None = None) -> Outlets:
    """The sources an import may meet, as the spiders describe them. Raises UsageError for an edition or site that makes no sense."""
    from newscrawl.cli.crawling.sources import classes
    from newscrawl.importing.outlets import HostAddresses, Outlet, Outlets, edition_name, name_of

    if site and not source:
        raise UsageError("says of which source the site is a mirror", subject="--source")
    spiders = {spider.name: spider for spider in classes() if getattr(spider, "editions", None)}
    if source is None:
        return Outlets(
            [_outlet(spider) for spider in spiders.values()], edition=edition_name(edition) if edition else ""
        )
    if source in spiders:
        spider = spiders[source]
        return Outlets(only=_outlet(spider, edition=edition, site=site))
    name = source.strip().lower()
    if site or name != name_of(f"https://{name}/") or not name.isascii():
        raise UsageError(
            "is no source, and no name for one",
            subject=source[:80],
            hint=f"Sources are {', '.join(sorted(spiders))}",
        )
    return Outlets(only=Outlet(HostAddresses(name, edition_name(edition) if edition else "")))


def _outlet(spider: Any, *, edition: str | None = None, site: str | None = None) -> Outlet:
    """What a spider says of its source, for an import: with the sites given, a replica's addresses are the outlet's."""
    from newscrawl.importing.outlets import Outlet

    given = {name: value for name, value in (("edition", edition), ("site", site)) if value is not None}
    made = spider(**given)
    hosts = {host for one in made.addresses.editions for host in (*one.hosts, one.host, *one.mirrors)}
    rules = {one.name: spider.rules(one.name) for one in spider.editions}
    return Outlet(made.addresses, rules, frozenset(hosts))
