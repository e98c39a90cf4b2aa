"""The villager: each page on three bad networks, beside a page by hand with the same content."""

import json
import socket
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from rich.table import Table

from content_server.lessons.editions.catalog import (
    load_editions,
    published_revision_numbers,
    sort_lessons,
)
from content_server.lessons.editions.stored_registries import load_registries
from content_server.locales import SOURCE_FOLDER
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.pages.contexts import HomePage, LessonPage
from content_server.site.pages.pages import build_home_page, build_lesson_page
from content_server.site.site_builder import SiteBuilder
from measuring.bench import BENCH_DIR, Bench, Figure, section_title
from measuring.by_hand import handwritten_file_name, serve_with_nginx
from measuring.processes import run_program, serve_data

PageContext = tuple[str, LessonPage | HomePage]  # an address and the template context of its page


def measure_villager_pages(bench: Bench) -> list[dict[str, Any]]:
    """Measure every Vietnamese page beside a page written by hand with the same content."""
    pages = page_contexts(open_services(Settings(data_dir=bench.data)))
    visits = bench.folder / "visits.json"
    with ExitStack() as servers:
        ours = servers.enter_context(serve_data(bench))
        theirs = servers.enter_context(
            serve_with_nginx(bench, [page for _path, page in pages.values()])
        )
        named = [
            f"{name} {server}={address}"
            for name, (path, page) in pages.items()
            for server, address in (
                ("ours", ours + path),
                ("by hand", f"{theirs}/{handwritten_file_name(page)}"),
            )
        ]
        run_program(
            BENCH_DIR.parent / "scripts" / "measure.py",
            "--runs",
            bench.runs,
            "--json",
            visits,
            *named,
        )
        voices = bench.show("Villager: with every voice", measure_with_voices(ours, pages))
    found = json.loads(visits.read_text())
    bench.console.print(villager_table(pages, found))
    return [*found, *voices]


def page_contexts(services: Services) -> dict[str, PageContext]:
    """Return name → (address, template context), for home and each Vietnamese lesson."""
    builder = SiteBuilder(services.settings, services.database, services.store, services.tree)
    with services.database.read() as session:
        registries, numbers = load_registries(session), published_revision_numbers(session)
        editions = {slug: load_editions(session, slug, numbers[slug]) for slug in numbers}
        site = builder.load_site(session, editions.values(), registries)
    order = sort_lessons(editions, registries)
    lessons = [
        next(
            lesson
            for lesson in builder.localize(slug, editions[slug], registries)
            if lesson.locale.folder == SOURCE_FOLDER
        )
        for slug in order
    ]
    pages: dict[str, PageContext] = {
        lesson.slug: (
            f"/vi/{lesson.slug}",
            build_lesson_page(lesson, editions[lesson.slug], "", site),
        )
        for lesson in lessons
    }
    home = build_home_page(lessons, registries.locales[SOURCE_FOLDER], site, "/")
    return {"home": ("/", home), **pages}


def measure_with_voices(address: str, pages: Mapping[str, PageContext]) -> Iterator[Figure]:
    """Yield the bytes on the wire of each lesson with every voice of its language."""
    for name, (path, page) in pages.items():
        if isinstance(page, HomePage):
            continue
        spoken = [page.voice, *(panel.voice for panel in page.panels), page.ending_voice]
        voices = list(dict.fromkeys(voice for voice in spoken if voice))
        for kind, most_kb in (("opus", 180), ("m4a", None)):
            files = [voice.opus if kind == "opus" else voice.m4a for voice in voices]
            total = sum(wire_bytes(address, each) for each in (path, *files))
            note = f"{page.total} steps, {len(files)} voices"
            yield Figure(f"{name}, {kind}", total / 1000, "kB", at_most=most_kb, note=note)


def wire_bytes(address: str, path: str) -> int:
    """Return the size of one whole response, headers included."""
    host, port = address.removeprefix("http://").split(":")
    question = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\n"
        "Accept-Encoding: gzip, deflate, br\r\nConnection: close\r\n\r\n"
    )
    total = 0
    with socket.create_connection((host, int(port)), timeout=20) as wire:
        wire.sendall(question.encode())
        while piece := wire.recv(65536):
            if not total and b" 200 " not in piece[:16]:
                sys.exit(f"{path}: {piece[:40]!r}")
            total += len(piece)
    return total


def villager_table(pages: Iterable[str], found: Sequence[Mapping[str, Any]]) -> Table:
    """Return a row for each page and network: ours / by hand."""
    table = Table(title=section_title("Villager: ours / by hand (medians)"), title_justify="left")
    for column in ("page", "network", "bytes", "requests", "scripts B", "FCP s", "LCP s"):
        table.add_column(column, justify="left" if column in {"page", "network"} else "right")
    table.add_column("LCP ratio", justify="right")
    table.add_column("≤ 1.1")
    for page in pages:
        for network in dict.fromkeys(each["network"] for each in found):
            pair = [
                [v for v in found if (v["page"], v["network"]) == (f"{page} {server}", network)]
                for server in ("ours", "by hand")
            ]
            if len({visit["encoding"] for side in pair for visit in side}) != 1:
                sys.exit(f"{page}: the two servers answer in different encodings")
            ratio = lcp_ratio(*pair)
            table.add_row(
                page,
                network,
                format_pair(pair, "bytes", "{:,.0f}"),
                format_pair(pair, "requests", "{:.0f}"),
                format_pair(pair, "script_bytes", "{:,.0f}"),
                format_pair(pair, "fcp_ms", "{:.2f}", 1000),
                format_pair(pair, "lcp_ms", "{:.2f}", 1000),
                f"{ratio:.2f}",
                Figure("", ratio, "", at_most=1.1).verdict,
            )
    return table


def lcp_ratio(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> float:
    """Return the median of the ratios of visits made one right after the other."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(float(mine["lcp_ms"] / other["lcp_ms"]) for mine, other in pairs)


def format_pair(
    pair: Sequence[Sequence[Mapping[str, Any]]], key: str, form: str, unit: float = 1
) -> str:
    values = (statistics.median(each[key] for each in side) / unit for side in pair)
    return " / ".join(form.format(value) for value in values)
