"""Links, videos and marks of the article's own text; those of rails, comments and bylines are not its own."""

from datetime import UTC, datetime

from newscrawl.extract import extract

NOW = datetime(2026, 4, 8, tzinfo=UTC)
PROSE = "<p>The ferry of Kyzylsu has not left its berth since Monday, and nobody knows when it will sail again.</p>"
PAGE = f"""<html><body><nav><a href="/menu">Menu</a></nav><main><article><h1>Ferry of Kyzylsu waits</h1>
<p class="byline"><a rel="author" href="/authors/1">Saule Nurpeisova</a></p>{PROSE}
<p>The paper has seen <a href="/papers/contract.pdf">the contract</a> of the harbour with its builder, signed in March.</p>
<p>It lost 10<sup>2</sup> tonnes of coal, <del>two</del> three men, <span style="color:red; TEXT-DECORATION: line-through">a dog</span> and most of its paint in the storm of last week.</p>
<iframe src="https://video.example/embed/77"></iframe>{PROSE.replace("Monday", "Tuesday")}</article></main>
<aside class="related"><p>Read also: <a href="/other">Another ferry, another river, and a captain</a></p><s>old</s></aside></body></html>"""


def test_what_stands_beside_the_words() -> None:
    article = extract(PAGE.encode(), "https://paper.example/ferry", content_type="text/html", fetched_at=NOW)
    assert article.beside.links == (
        "https://paper.example/papers/contract.pdf",
        "https://video.example/embed/77",
    )
    assert article.beside.markup == (("raised", "2"), ("struck", "two"), ("struck", "a dog"))
