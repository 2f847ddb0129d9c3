"""Other extractors to compare with: for each a name, its package, and a function from a decoded page to the scored fields.

Fields are passed on unchanged, and none is filled from another.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

Fields = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """An extractor: the module it is imported from, the package that brings it, and how it is called."""

    module: str
    package: str
    read: Callable[[str, str], Fields]

    @property
    def installed(self) -> bool:
        return importlib.util.find_spec(self.module) is not None

    @property
    def version(self) -> str:
        try:
            return version(self.package)
        except PackageNotFoundError:
            return "?"


def _trafilatura(html: str, url: str) -> Fields:
    from trafilatura import bare_extraction

    document = bare_extraction(html, url=url, with_metadata=True, include_comments=False)
    if document is None:
        return {}
    result = document.as_dict()
    return {
        "title": result.get("title"),
        "authors": [name for name in (result.get("author") or "").split("; ") if name],
        "published": result.get("date"),
        "body": result.get("text") or "",
        "language": result.get("language"),
        "section": result.get("categories") or [],
        "tags": result.get("tags") or [],
    }


def _newspaper4k(html: str, url: str) -> Fields:
    from newspaper import Article
    from newspaper.configuration import Configuration

    offline = Configuration()
    offline.fetch_images = False
    article = Article(url, config=offline)
    article.download(input_html=html)
    article.parse()
    return {
        "title": article.title,
        "authors": list(article.authors),
        "published": article.publish_date.isoformat() if article.publish_date else None,
        "body": article.text,
        "language": article.meta_lang,
        "tags": list(article.tags or ()) or list(article.meta_keywords or ()),
    }


def _news_please(html: str, url: str) -> Fields:
    from newsplease import NewsPlease

    result = NewsPlease.from_html(html, url=url, fetch_images=False).get_dict()
    return {
        "title": result.get("title"),
        "authors": result.get("authors") or [],
        "published": str(result["date_publish"]) if result.get("date_publish") else None,
        "body": result.get("maintext") or "",
        "language": result.get("language"),
    }


def _goose3(html: str, _url: str) -> Fields:
    from goose3 import Goose

    with Goose({"enable_image_fetching": False}) as goose:
        article = goose.extract(url=None, raw_html=html)
    return {
        "title": article.title,
        "authors": list(article.authors),
        "published": article.publish_date,
        "body": article.cleaned_text,
        "language": article.meta_lang,
        "tags": list(article.tags),
    }


def _readability(html: str, url: str) -> Fields:
    from lxml.html import fromstring
    from readability import Document

    document = Document(html, url=url)
    blocks = fromstring(document.summary()).iter("p", "li", "h2", "h3", "h4", "blockquote", "td", "div")
    lines = [
        b.text_content() for b in blocks if not any(True for _ in b.iterchildren("p", "li", "div", "h2"))
    ]
    return {"title": document.short_title(), "body": "\n".join(lines)}


def _boilerpy3(html: str, _url: str) -> Fields:
    from boilerpy3.extractors import ArticleExtractor

    document = ArticleExtractor(raise_on_failure=False).get_doc(html)
    return {"title": document.title, "body": document.content}


def _justext(html: str, _url: str) -> Fields:
    from justext import get_stoplist, justext

    paragraphs = justext(html.encode(), get_stoplist("English"), encoding="utf-8")
    return {"body": "\n".join(p.text for p in paragraphs if not p.is_boilerplate)}


def _resiliparse(html: str, _url: str) -> Fields:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    return {"title": tree.title, "body": extract_plain_text(tree, main_content=True, alt_texts=False)}


def _magic_html(html: str, url: str) -> Fields:
    from lxml.html import fromstring
    from magic_html import GeneralExtractor

    result = GeneralExtractor().extract(html, base_url=url)
    text = result.get("html") or ""
    blocks = fromstring(text).iter("p", "li", "h2", "h3", "blockquote") if text.strip() else ()
    return {"title": result.get("title"), "body": "\n".join(b.text_content() for b in blocks)}


PEERS: dict[str, Peer] = {
    "trafilatura": Peer("trafilatura", "trafilatura", _trafilatura),
    "newspaper4k": Peer("newspaper", "newspaper4k", _newspaper4k),
    "news-please": Peer("newsplease", "news-please", _news_please),
    "goose3": Peer("goose3", "goose3", _goose3),
    "readability": Peer("readability", "readability-lxml", _readability),
    "magic-html": Peer("magic_html", "magic-html", _magic_html),
    "resiliparse": Peer("resiliparse", "resiliparse", _resiliparse),
    "boilerpy3": Peer("boilerpy3", "boilerpy3", _boilerpy3),
    "justext": Peer("justext", "jusText", _justext),
}
