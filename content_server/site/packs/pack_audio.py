"""Embeds a recording in a PowerPoint slide: an MP3 that plays when the slide opens."""

from io import BytesIO
from pathlib import Path
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn

from content_server.media.screens import render_png

SPEAKER_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect width="24" height="24" fill="#fffdf7"/><circle cx="12" cy="12" r="12"'
    ' fill="#17603c"/><path transform="translate(2.4 2.4) scale(.8)" fill="#fff" d="M3 9v6h4l5 5V4'
    "L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4zM14 3.2v2.1a7 7 0 0 1 0 13.4v2.1a9 9 0"
    ' 0 0 0-17.6z"/></svg>'
)
SPEAKER_ICON_PX = 192
# What PowerPoint itself writes for a sound that starts with its slide (ECMA-376 §19.5).
TIMING = """\
<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:tnLst><p:par>
<p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst>
<p:seq concurrent="1" nextAc="seek"><p:cTn id="2" dur="indefinite" nodeType="mainSeq">
<p:childTnLst><p:par><p:cTn id="3" fill="hold"><p:stCondLst><p:cond delay="indefinite"/>
<p:cond evt="onBegin" delay="0"><p:tn val="2"/></p:cond></p:stCondLst><p:childTnLst><p:par>
<p:cTn id="4" fill="hold"><p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst><p:par>
<p:cTn id="5" presetID="1" presetClass="mediacall" presetSubtype="0" fill="hold"
 nodeType="afterEffect"><p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst>
<p:cmd type="call" cmd="playFrom(0.0)"><p:cBhvr><p:cTn id="6" dur="1" fill="hold"/>
<p:tgtEl><p:spTgt spid="{id}"/></p:tgtEl></p:cBhvr></p:cmd></p:childTnLst></p:cTn></p:par>
</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn>
<p:prevCondLst><p:cond evt="onPrev" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>
</p:prevCondLst><p:nextCondLst><p:cond evt="onNext" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl>
</p:cond></p:nextCondLst></p:seq><p:audio><p:cMediaNode vol="80000"><p:cTn id="7" fill="hold"
 display="0"><p:stCondLst><p:cond delay="indefinite"/></p:stCondLst><p:endCondLst>
<p:cond evt="onStopAudio" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:endCondLst></p:cTn>
<p:tgtEl><p:spTgt spid="{id}"/></p:tgtEl></p:cMediaNode></p:audio></p:childTnLst></p:cTn></p:par>
</p:tnLst></p:timing>"""


def embed_voice(slide: Any, mp3: Path, description: str, box: tuple[int, int, int, int]) -> None:  # noqa: ANN401  # python-pptx has no types
    """Embed an MP3 with a speaker icon at `box` (x, y, width, height in EMU).

    `description` is the alternative text of the icon. python-pptx embeds videos only, so its XML
    is changed into what PowerPoint writes for audio.
    """
    icon = BytesIO(render_png(SPEAKER_ICON, width_px=SPEAKER_ICON_PX))
    shape = slide.shapes.add_movie(str(mp3), *box, poster_frame_image=icon, mime_type="audio/mpeg")
    element = shape.element
    properties = element.nvPicPr.cNvPr
    properties.set("name", description)
    properties.set("descr", description)
    media_file = element.find(f".//{qn('a:videoFile')}")
    media_file.tag = qn("a:audioFile")
    video_relation = media_file.get(qn("r:link"))
    media_part = slide.part.rels[video_relation].target_part
    media_file.set(qn("r:link"), slide.part.relate_to(media_part, RELATIONSHIP_TYPE.AUDIO))
    slide.part.rels.pop(video_relation)
    _start_with_slide(slide, properties.get("id"))


def _start_with_slide(slide: Any, shape_id: str) -> None:  # noqa: ANN401  # python-pptx has no types
    """Replace the timing of the video by one that starts the recording with the slide."""
    root = slide.element
    for old in root.findall(qn("p:timing")):
        root.remove(old)
    timing = "".join(TIMING.format(id=shape_id).splitlines())
    root.append(parse_xml(timing))
