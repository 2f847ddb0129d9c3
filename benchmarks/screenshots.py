"""Makes the pictures of the reader's pages that stand in the documentation, from an archive of the made-up outlet.

    newscrawl demo --home /tmp/demo && (cd /tmp/demo && newscrawl search --update)
    python benchmarks/screenshots.py --home /tmp/demo --to docs/pictures
    python benchmarks/screenshots.py --home /tmp/demo --to /tmp/all --all

With --all every page at 390 and 1280 pixels, in light and dark, to look at. Needs the extra `browser` and Debian's Chromium.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newscrawl.cli.operating.health import examine
from newscrawl.config import load
from newscrawl.store.read.reader import Reader
from newscrawl.web.application import application
from newscrawl.web.archive import WebArchive
from newscrawl.web.serve import listen, server

# For the documentation: name, page, width and height, dark, language.
SHOWN = (
    ("changes", "/changes", (1280, 860), False, "en"),
    ("difference", "{difference}", (1280, 780), True, "ru"),
    ("article-narrow", "{removed}", (390, 780), True, "kk"),
)
COLOURS = 64  # of a picture: pages have few, and the repository keeps every picture for ever
PAGES = (
    "/", "{article}", "{removed}", "{version}", "{difference}", "{difference}?view=side", "/changes", "/removed", "/unreadable",
    "/search", "/search?q=the", "/authors", "/tags", "/sources", "/coverage", "/health", "/articles/999999",
)  # fmt: skip


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, Reader]]:
    """The pages over the archive in `home`, on a free port of this machine."""
    config = load({"NEWSCRAWL_HOME": str(home)}, home)
    archive = WebArchive(config.database_url, config.clock, None, config.warc)
    listener = listen("127.0.0.1", 0)
    running = server(application(lambda: examine(config), archive))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", archive.reader()
    finally:
        running.should_exit = True
        thread.join()
        listener.close()


def addresses(reader: Reader) -> dict[str, str]:
    """An article with several versions, its difference, and one that was removed."""
    edit = next(iter(reader.changes(beside=False, limit=1, source="boztorgai", edition="en")))
    gone = next(iter(reader.removals(limit=1)))
    article = f"/articles/{edit.article_id}"
    return {
        "article": article,
        "version": f"{article}/versions/1",
        "difference": f"{article}/diff/{edit.from_version}..{edit.to_version}",
        "removed": f"/articles/{gone.article_id}",
    }


def main() -> None:
    """Writes the pictures."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    with serving(options.home) as (address, reader), sync_playwright() as playwright:
        names = addresses(reader)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--disable-gpu", "--no-sandbox"]
        )
        shots = SHOWN
        if options.all:
            shots = tuple(
                (
                    f"{number:02}-{width}-{'dark' if dark else 'light'}-{language}",
                    page,
                    (width, 900),
                    dark,
                    language,
                )
                for number, page in enumerate(PAGES)
                for width, dark, language in (
                    (1280, False, "en"),
                    (390, True, "kk"),
                    (1280, True, "ru"),
                    (390, False, "en"),
                )
            )
        for name, page, (width, height), dark, language in shots:
            target = page.format(**names)
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                locale=language,
            )
            tab = context.new_page()
            tab.goto(f"{address}{target}{'&' if '?' in target else '?'}lang={language}")
            path = options.to / f"{name}.png"
            tab.screenshot(path=path, full_page=options.all)
            with Image.open(path) as picture:
                picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)
            print(json.dumps({"page": target, "picture": path.name, "bytes": path.stat().st_size}))
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
