"""Feeds: a podcast for each language, the sitemap, robots.txt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime

from markupsafe import Markup, escape

from content_server import urls
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Locale
from content_server.phrases import _
from content_server.site.packs.lesson_audio import make_audio_rendition
from content_server.site.packs.tables import PackRow
from content_server.site.pages.pages import Site
from content_server.site.pages.panels import page_path
from content_server.site.tree.published import BuiltPage, CachePolicy

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


def build_podcast_page(
    locale: Locale,
    lessons: Iterable[LocalizedLesson],
    audio_packs: Mapping[tuple[str, str], PackRow],
    site: Site,
) -> BuiltPage:
    """Return the podcast of one language: each lesson with an audio pack is an episode."""
    items = Markup("").join(
        _episode(lesson, row, site)
        for lesson in lessons
        if lesson.locale.folder == locale.folder
        and (row := audio_packs.get((lesson.slug, locale.folder)))
    )
    title, path = (
        _("Bài học một phút").translate(locale.tag),
        urls.PODCAST.url(folder=locale.folder),
    )
    xml = RSS.format(
        title=f"{title} – {locale.endonym}",
        home=site.address(page_path(locale.folder)),
        here=site.address(path),
        about=_("Lời đọc cả bài, để phát trên loa của bản.").translate(locale.tag),
        tag=locale.tag,
        items=items,
    )
    return BuiltPage(path, xml.encode(), RSS_TYPE, CachePolicy.PAGE)


def build_sitemap_page(lessons: Iterable[LocalizedLesson], site: Site) -> BuiltPage:
    """Return the sitemap: every lesson and list, with its alternates in the other languages."""
    paths: dict[str, list[tuple[str, str]]] = defaultdict(list)  # slug → (tag, path)
    for locale in site.locales:
        paths[""].append((locale.tag, page_path(locale.folder)))
    for lesson in lessons:
        path = page_path(lesson.locale.folder, lesson.slug)
        paths[lesson.slug].append((lesson.locale.tag, path))
    groups = [sorted(group) for _slug, group in sorted(paths.items())]
    listed = Markup("").join(
        _sitemap_url(path, group, site) for group in groups for _tag, path in group
    )
    return BuiltPage(urls.SITEMAP, SITEMAP.format(urls=listed).encode(), XML_TYPE, CachePolicy.PAGE)


def build_robots_page(site: Site) -> BuiltPage:
    """Return robots.txt. Packs are excluded, because each request for one starts a job."""
    sitemap = site.address(urls.SITEMAP)
    text = f"User-agent: *\nAllow: /\nDisallow: {urls.APP_PREFIX}\nSitemap: {sitemap}\n"
    return BuiltPage(urls.ROBOTS, text.encode(), "text/plain; charset=utf-8", CachePolicy.PAGE)


def _episode(lesson: LocalizedLesson, row: PackRow, site: Site) -> Markup:
    return ITEM.format(
        title=_episode_title(lesson),
        address=site.address(page_path(lesson.locale.folder, lesson.slug)),
        dated=format_datetime(_start_of_day(row.content_updated_at), usegmt=True),
        about=f"{lesson.why.text} {lesson.safety.text}",
        sound=site.address(make_audio_rendition(row).path),
        size_bytes=row.size_bytes,
    )


def _episode_title(lesson: LocalizedLesson) -> str:
    """Return the title, with the language of the recording where that is another one."""
    voice = lesson.voice or next((step.voice for step in lesson.steps if step.voice), None)
    if voice is None or voice.locale.folder == lesson.locale.folder:
        return lesson.title.text
    note = _("lời đọc {language}", language=voice.locale.name_in_sentence)
    return f"{lesson.title.text} ({note.translate(lesson.locale.tag)})"


def _sitemap_url(path: str, alternates: Iterable[tuple[str, str]], site: Site) -> Markup:
    links = Markup("").join(
        ALTERNATE.format(tag=tag, address=escape(site.address(other))) for tag, other in alternates
    )
    return URL.format(address=site.address(path), alternates=links)


def _start_of_day(moment: datetime) -> datetime:
    """Return midnight of a day, so that feeds built twice on one day are equal."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
