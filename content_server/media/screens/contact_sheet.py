"""The contact sheet: every drawing on one page with its name and size, for review."""

from collections.abc import Iterable
from html import escape

import brotli  # type: ignore[import-untyped]  # published without types

from content_server.media.screens.drawing import Drawing

_PAGE = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Các màn hình vẽ</title>
<style>
body{{margin:24px;font:16px/1.4 system-ui,Roboto,sans-serif;background:#e9e6dc;color:#161a2b}}
main{{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:28px 20px}}
figure{{margin:0}}svg{{display:block;width:100%}}figcaption{{margin-top:8px}}
small{{color:#4a5068}}
</style>
<h1>Các màn hình vẽ</h1>
<p>{count} hình · giữa {median_bytes} byte · to nhất {most_bytes} byte (brotli)</p>
<main>{figures}</main></html>
"""


def contact_sheet(items: Iterable[tuple[str, Drawing]]) -> str:
    """Return one self-contained HTML page of all drawings, with names and compressed bytes."""
    sized = [(name, drawing, compressed_bytes(drawing)) for name, drawing in items]
    sizes = sorted(size for _name, _drawing, size in sized)
    figures = "".join(
        f"<figure>{drawing.svg}<figcaption>{escape(name)} <small>{size} B</small></figcaption>"
        "</figure>"
        for name, drawing, size in sized
    )
    return _PAGE.format(
        count=len(sizes),
        median_bytes=sizes[len(sizes) // 2] if sizes else 0,
        most_bytes=sizes[-1] if sizes else 0,
        figures=figures,
    )


def compressed_bytes(drawing: Drawing) -> int:
    """Return how many bytes a drawing takes alone, in brotli at its strongest."""
    return len(brotli.compress(drawing.svg.encode(), quality=11))
