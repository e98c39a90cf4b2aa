"""Feeds: what programs fetch: a podcast a language for loudspeakers, the sitemap, robots.txt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime

from markupsafe import Markup, escape

from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Locale
from content_server.phrases import _
from content_server.site.packs.lesson_audio import rendered_sound
from content_server.site.packs.tables import PackRow
from content_server.site.pages.pages import Site
from content_server.site.pages.panels import path_of
from content_server.site.tree.published import Cache, Page

RSS_TYPE, XML_TYPE = "application/rss+xml", "application/xml"
RSS = Markup("""\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{title}</title>
<link>{home}</link>
<atom:link href="{here}" rel="self" type="application/rss+xml"/>
<description>{about}</description>
<language>{tag}</language>
{items}</channel>
</rss>
""")
ITEM = Markup("""\
<item>
<title>{title}</title>
<link>{address}</link>
<guid>{address}</guid>
<pubDate>{dated}</pubDate>
<description>{about}</description>
<enclosure url="{sound}" length="{size_bytes}" type="audio/mpeg"/>
</item>
""")
SITEMAP = Markup("""\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
{urls}</urlset>
""")
URL = Markup("<url><loc>{address}</loc>{alternates}</url>\n")
ALTERNATE = Markup('<xhtml:link rel="alternate" hreflang="{tag}" href="{address}"/>')


def feed_path(folder: str) -> str:
    return f"{path_of(folder)}/loa.xml"


def feed_page(
    locale: Locale,
    tellings: Iterable[LocalizedLesson],
    sounds: Mapping[tuple[str, str], PackRow],
    site: Site,
) -> Page:
    """Return the podcast of one language: every lesson that can be heard, as one file each."""
    items = Markup("").join(
        _item(telling, row, site)
        for telling in tellings
        if telling.locale.folder == locale.folder
        and (row := sounds.get((telling.slug, locale.folder)))
    )
    title = _("Bài học một phút").said_in(locale.tag)
    xml = RSS.format(
        title=f"{title} – {locale.endonym}",
        home=site.address(path_of(locale.folder)),
        here=site.address(feed_path(locale.folder)),
        about=_("Lời đọc cả bài, để phát trên loa của bản.").said_in(locale.tag),
        tag=locale.tag,
        items=items,
    )
    return Page(feed_path(locale.folder), xml.encode(), RSS_TYPE, Cache.PAGE)


def sitemap_page(tellings: Iterable[LocalizedLesson], site: Site) -> Page:
    """Return every lesson and list, each with the same page in the other languages."""
    paths: dict[str, list[tuple[str, str]]] = defaultdict(list)  # slug → (tag, path)
    for locale in site.locales:
        paths[""].append((locale.tag, path_of(locale.folder)))
    for telling in tellings:
        path = path_of(telling.locale.folder, telling.slug)
        paths[telling.slug].append((telling.locale.tag, path))
    together = [sorted(same) for _slug, same in sorted(paths.items())]
    urls = Markup("").join(_url(path, same, site) for same in together for _tag, path in same)
    return Page("/sitemap.xml", SITEMAP.format(urls=urls).encode(), XML_TYPE, Cache.PAGE)


def robots_page(site: Site) -> Page:
    """Return what robots may fetch: every page; packs are made when they are asked for."""
    text = f"User-agent: *\nAllow: /\nDisallow: /-/\nSitemap: {site.address('/sitemap.xml')}\n"
    return Page("/robots.txt", text.encode(), "text/plain; charset=utf-8", Cache.PAGE)


def _item(telling: LocalizedLesson, row: PackRow, site: Site) -> Markup:
    return ITEM.format(
        title=_title(telling),
        address=site.address(path_of(telling.locale.folder, telling.slug)),
        dated=format_datetime(_day(row.dated), usegmt=True),
        about=f"{telling.why.text} {telling.safety.text}",
        sound=site.address(rendered_sound(row).path),
        size_bytes=row.size_bytes,
    )


def _title(telling: LocalizedLesson) -> str:
    """Return the title, and which language is really heard: a loudspeaker shows no page."""
    spoken = telling.voice or next((told.voice for told in telling.steps if told.voice), None)
    if spoken is None or spoken.locale.folder == telling.locale.folder:
        return telling.title.text
    note = _("lời đọc {language}", language=spoken.locale.spoken_name)
    return f"{telling.title.text} ({note.said_in(telling.locale.tag)})"


def _url(path: str, same: Iterable[tuple[str, str]], site: Site) -> Markup:
    alternates = Markup("").join(
        ALTERNATE.format(tag=tag, address=escape(site.address(other))) for tag, other in same
    )
    return URL.format(address=site.address(path), alternates=alternates)


def _day(moment: datetime) -> datetime:
    """Return the day of a moment: two servers that publish the same on one day say the same."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
