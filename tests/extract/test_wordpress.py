"""Posts as the stock themes of WordPress write them: instant, author, section, tags, language and lead image, and nothing of comments or neighbours."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from newscrawl.extract import extract

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AT = "2026-11-18T14:31:07+05:00"
PICTURE = "https://news.example/wp-content/uploads/2026/11/mill.jpg"
TEXTS = {
    "en": ("The old mill on the Aksai turns again", "Dana Serik", "Villages", ("mills", "bread"), (
        "The old mill on the Aksai turned on Wednesday for the first time in thirty years, and half the village came to watch.",
        "The miller carved the stones himself during the winter, while the smith of the next village made the wheels.",
        "A sack of flour costs four crowns here, and those who bring their own grain pay with every tenth scoop of it.",
        "The school will bring its pupils on Fridays, because nobody below forty had ever seen the wheel move.",
    )),
    "ru": ("Старая мельница на Аксае снова работает", "Вера Сотникова", "Сёла", ("мельницы", "хлеб"), (
        "Старая мельница на Аксае в среду заработала впервые за тридцать лет, и посмотреть на это пришло полсела.",
        "Жернова мельник высек за зиму сам, а колёса сделал кузнец из соседнего посёлка, который помнит старые чертежи.",
        "Мешок муки стоит здесь четыреста тенге, а кто привёз своё зерно, платит каждым десятым совком.",
        "По пятницам сюда будут водить школьников, потому что никто моложе сорока колеса в движении не видел.",
    )),
    "kk": ("Ақсайдағы ескі диірмен қайта айналды", "Айгүл Сәрсен", "Ауылдар", ("диірмен", "нан"), (
        "Ақсай бойындағы ескі диірмен сәрсенбі күні отыз жылда алғаш рет айналып, оны көруге ауылдың жартысы жиналды.",
        "Диірменші тастарды қыс бойы өзі қашап шықты, ал тегершіктерді көрші ауылдың ұстасы ескі сызба бойынша соқты.",
        "Бір қап ұнның құны мұнда төрт жүз теңге, ал өз бидайын әкелген адам әр оныншы қалақпен төлейді.",
        "Жұма сайын мұнда оқушыларды әкеледі, өйткені қырыққа толмаған ешкім доңғалақтың айналғанын көрген емес.",
    )),
}  # fmt: skip
COMMENT = (
    "<li id='comment-9' class='comment depth-1'><article id='div-comment-9' class='comment-body'><footer class='comment-meta'>"
    "<div class='comment-author vcard'><b class='fn'>Tim Olsen</b></div><a href='#comment-9'><time datetime='2026-11-19T20:05:00+05:00'>"
    "19.11.2026</time></a></footer><div class='comment-content'><p>I have lived beside this mill all my life and never heard a sound of it.</p>"
    "</div></article></li>"
)


def taxonomy(kind: str, names: tuple[str, ...], *, relation: str) -> str:
    return ", ".join(
        f"<a href='https://news.example/{kind}/t{i}/' rel='{relation}'>{name}</a>"
        for i, name in enumerate(names)
    )


def classic(lang: str, paragraphs: int, *, picture: bool, tagged: bool, comments: bool, bio: bool) -> str:
    """A post in Twenty Twenty-One: date and author in the footer of the <article>, or the author in a box below it."""
    title, author, section, tags, text = TEXTS[lang]
    image = (
        f"<figure class='post-thumbnail'><img width='900' height='600' src='{PICTURE}' class='attachment-post-thumbnail wp-post-image' alt=''"
        f" srcset='{PICTURE} 900w, {PICTURE.replace('.jpg', '-300x200.jpg')} 300w'></figure>"
    )
    link = f"https://news.example/author/{'x'}/"
    byline = f"<span class='byline'>By <a href='{link}' rel='author'>{author}</a></span>"
    box = (
        f"<div class='author-bio show-avatars'><img class='avatar' src='https://gravatar.example/a.jpg'><div class='author-bio-content'>"
        f"<h2 class='author-title'>By {author}</h2><p class='author-description'>Writes of villages and their people.</p>"
        f"<a class='author-link' href='{link}' rel='author'>View all of {author}&#8217;s posts.</a></div></div>"
    )
    labels = (
        f" <span class='tags-links'>Tagged {taxonomy('tag', tags, relation='tag')}</span>" if tagged else ""
    )
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='UTF-8'><title>{title} &#8211; News of Aksai</title>"
        f"<meta name='generator' content='WordPress 6.1'></head><body class='post-template-default single single-post'>"
        f"<div id='page' class='site'><header id='masthead' class='site-header'><p class='site-title'><a href='https://news.example/'>News of Aksai"
        f"</a></p><nav><ul><li><a href='/about/'>About</a></li></ul></nav></header><main id='main' class='site-main'>"
        f"<article id='post-31' class='post-31 post type-post hentry'><header class='entry-header alignwide'><h1 class='entry-title'>{title}</h1>"
        f"{image if picture else ''}</header><div class='entry-content'>{''.join(f'<p>{p}</p>' for p in text[:paragraphs])}</div>"
        f"<footer class='entry-footer default-max-width'><div class='posted-by'><span class='posted-on'>Published <time class='entry-date published "
        f"updated' datetime='{AT}'>November 18, 2026</time></span>{'' if bio else byline}</div><div class='post-taxonomies'><span class='cat-links'>"
        f"Categorized as {taxonomy('category', (section,), relation='category tag')} </span>{labels}</div></footer>{box if bio else ''}</article>"
        + (f"<div id='comments' class='comments-area'><h2 class='comments-title'>1 comment</h2><ol class='comment-list'>{COMMENT}</ol></div>" if comments else "")
        + "<nav class='navigation post-navigation'><a href='https://news.example/boat/' rel='prev'><p class='meta-nav'>Previous post</p><p class='post-title'>"
        "The ferry crosses the lake again after nine years</p></a></nav></main><aside class='widget-area'><section class='widget'><h2>Recent Posts</h2><ul>"
        "<li><a href='/boat/'>The ferry crosses the lake again after nine years</a><span class='post-date'>November 1, 2026</span></li></ul></section></aside>"
        "</div></body></html>"
    )  # fmt: skip


def blocks(lang: str, paragraphs: int, *, picture: bool, tagged: bool, comments: bool, late: bool) -> str:
    """A post in Twenty Twenty-Two or, with `late`, Twenty Twenty-Three: no <article>, everything said below the text."""
    title, author, section, tags, text = TEXTS[lang]
    image = f"<figure class='alignwide wp-block-post-featured-image'><img width='900' height='600' src='{PICTURE}' class='wp-post-image' alt='' /></figure>"
    date = f"<div class='wp-block-post-date'><time datetime='{AT}'>November 18, 2026</time></div>"
    by = f"<div class='wp-block-post-author'><div class='wp-block-post-author__content'><p class='wp-block-post-author__name'>{author}</p></div></div>"
    category = f"<div class='taxonomy-category wp-block-post-terms'>{taxonomy('category', (section,), relation='tag')}</div>"
    labels = (
        f"<div class='taxonomy-post_tag wp-block-post-terms'>{taxonomy('tag', tags, relation='tag')}</div>"
        if tagged
        else ""
    )
    group = "<div class='wp-block-group'>"
    said = (
        f"{group}<hr class='wp-block-separator'/><div class='wp-block-columns'><div class='wp-block-column'>{group}<p>Posted</p>{date}<p>in</p>{category}</div>"
        f"{group}<p>by</p>{by}</div></div><div class='wp-block-column'>{group}<p>Tags:</p>{labels}</div></div></div></div>"
        if late
        else f"{group}{group}{date}{by}{category}{labels}</div></div>"
    )
    thread = (
        "<section class='wp-block-template-part'><div class='wp-block-comments'><h2 id='comments' class='wp-block-comments-title'>One response</h2>"
        f"<ol class='wp-block-comment-template'>{COMMENT}</ol></div></section>"
    )
    head = f"<h1 class='wp-block-post-title'>{title}</h1>"
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head><meta charset='UTF-8'><title>{title} &#8211; News of Aksai</title></head><body class='post-template-default "
        f"single'><div class='wp-site-blocks'><header class='wp-block-template-part'><p class='wp-block-site-title'><a href='https://news.example' rel='home'>"
        f"News of Aksai</a></p></header><main class='wp-block-group'>{group}{(image if picture else '') + head if late else head + (image if picture else '')}"
        f"</div><div class='entry-content wp-block-post-content'>{''.join(f'<p>{p}</p>' for p in text[:paragraphs])}</div>{said}"
        f"{thread if comments else ''}</main><footer class='wp-block-template-part'><p>Proudly powered by <a href='https://wordpress.org' rel='nofollow'>"
        f"WordPress</a></p></footer></div></body></html>"
    )


CASES = [
    (theme, lang, paragraphs, picture, tagged, comments, variant)
    for theme, lang, paragraphs, (picture, tagged, comments, variant) in product(
        (classic, blocks), ("en", "ru", "kk"), (1, 4),
        ((True, True, True, False), (False, False, False, True), (True, True, False, True), (False, True, True, False)),
    )
]  # fmt: skip


@pytest.mark.parametrize(("theme", "lang", "paragraphs", "picture", "tagged", "comments", "variant"), CASES)
def test_stock_themes(
    theme: object, lang: str, paragraphs: int, picture: bool, tagged: bool, comments: bool, variant: bool
) -> None:
    """Every field that the theme states is read, for a post of one sentence and for a longer one."""
    title, author, section, tags, _ = TEXTS[lang]
    option = {"bio": variant} if theme is classic else {"late": variant}
    page = theme(lang, paragraphs, picture=picture, tagged=tagged, comments=comments, **option)  # type: ignore[operator]
    article = extract(page.encode(), "https://news.example/2026/11/old-mill/", fetched_at=NOW)
    assert article.published is not None
    assert article.published.isoformat() == AT
    assert [(a.name, a.role, a.kind) for a in article.authors] == [(author, "author", "person")]
    assert (article.title, article.section, article.language) == (title, section, lang)
    assert article.tags == (tags if tagged else ())
    assert [i.url for i in article.images] == ([PICTURE] if picture else [])


@pytest.mark.parametrize("theme", [classic, blocks])
def test_addresses_of_taxonomies_that_are_queries(theme: object) -> None:
    """Without permalinks a category is "?cat=3" and a tag "?tag=mill": both links have the relation "tag" in block themes."""
    _, _, section, tags, _ = TEXTS["ru"]
    option = {"bio": False} if theme is classic else {"late": True}
    page = theme("ru", 4, picture=False, tagged=True, comments=False, **option)  # type: ignore[operator]
    page = (
        page.replace("/category/t0/", "/?cat=3").replace("/tag/t0/", "/?tag=a").replace("/tag/t1/", "/?tag=b")
    )
    assert "/tag/" not in page
    article = extract(page.encode(), "https://news.example/?p=31", fetched_at=NOW)
    assert (article.section, article.tags) == (section, tags)
