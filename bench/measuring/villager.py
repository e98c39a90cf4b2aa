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
    in_order,
    load_registries,
    published_numbers,
    versions_of,
)
from content_server.locales import SOURCE_FOLDER
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.pages.contexts import HomePage, LessonPage
from content_server.site.pages.pages import home_page, lesson_page
from content_server.site.site_builder import SiteBuilder
from measuring.bench import SCRIPTS, Bench, Figure, titled
from measuring.by_hand import file_of, nginx
from measuring.processes import ran, serving

Told = tuple[str, LessonPage | HomePage]  # an address, and what the page there is told


def villager(bench: Bench) -> list[dict[str, Any]]:
    """Measure every Vietnamese page beside a page written by hand with the same content."""
    pages = contexts(open_services(Settings(data_dir=bench.data)))
    visits = bench.folder / "visits.json"
    with ExitStack() as servers:
        ours = servers.enter_context(serving(bench))
        theirs = servers.enter_context(nginx(bench, [page for _path, page in pages.values()]))
        named = [
            f"{name} {who}={address}"
            for name, (path, page) in pages.items()
            for who, address in (("ours", ours + path), ("by hand", f"{theirs}/{file_of(page)}"))
        ]
        ran(SCRIPTS / "measure", "--runs", bench.runs, "--json", visits, *named)
        voices = bench.show("Villager: with every voice", voiced(ours, pages))
    found = json.loads(visits.read_text())
    bench.console.print(villager_table(pages, found))
    return [*found, *voices]


def contexts(house: Services) -> dict[str, Told]:
    """Return name → (address, what the page is told), for home and each Vietnamese lesson."""
    press = SiteBuilder(house.settings, house.database, house.store, house.tree)
    with house.database.read() as session:
        library, numbers = load_registries(session), published_numbers(session)
        versions = {slug: versions_of(session, slug, numbers[slug]) for slug in numbers}
        site = press.site(session, versions.values(), library)
    order = in_order(versions, library)
    told = [
        next(
            t
            for t in press.tellings(slug, versions[slug], library)
            if t.locale.folder == SOURCE_FOLDER
        )
        for slug in order
    ]
    lessons = {
        telling.slug: (
            f"/vi/{telling.slug}",
            lesson_page(telling, versions[telling.slug], "", site),
        )
        for telling in told
    }
    home = home_page(told, library.locales[SOURCE_FOLDER], site, "/")
    return {"home": ("/", home), **lessons}


def voiced(address: str, pages: Mapping[str, Told]) -> Iterator[Figure]:
    """Yield what a lesson weighs on the wire together with every voice of its language."""
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
    """Return the bytes of one whole answer, headers and all."""
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
    table = Table(title=titled("Villager: ours / by hand (medians)"), title_justify="left")
    for column in ("page", "network", "bytes", "requests", "scripts B", "FCP s", "LCP s"):
        table.add_column(column, justify="left" if column in {"page", "network"} else "right")
    table.add_column("LCP ratio", justify="right")
    table.add_column("≤ 1.1")
    for page in pages:
        for network in dict.fromkeys(each["network"] for each in found):
            pair = [
                [v for v in found if (v["page"], v["network"]) == (f"{page} {who}", network)]
                for who in ("ours", "by hand")
            ]
            if len({visit["encoding"] for side in pair for visit in side}) != 1:
                sys.exit(f"{page}: the two servers answer in different encodings")
            ratio = lcp_ratio(*pair)
            table.add_row(
                page,
                network,
                both(pair, "bytes", "{:,.0f}"),
                both(pair, "requests", "{:.0f}"),
                both(pair, "script_bytes", "{:,.0f}"),
                both(pair, "fcp_ms", "{:.2f}", 1000),
                both(pair, "lcp_ms", "{:.2f}", 1000),
                f"{ratio:.2f}",
                Figure("", ratio, "", at_most=1.1).verdict,
            )
    return table


def lcp_ratio(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> float:
    """Return the median of the ratios of visits made one right after the other."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(float(mine["lcp_ms"] / other["lcp_ms"]) for mine, other in pairs)


def both(pair: Sequence[Sequence[Mapping[str, Any]]], key: str, form: str, unit: float = 1) -> str:
    values = (statistics.median(each[key] for each in side) / unit for side in pair)
    return " / ".join(form.format(value) for value in values)
