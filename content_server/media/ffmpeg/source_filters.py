"""ffmpeg filters that correct a source before it is scaled: deinterlacing, HDR to SDR."""

from content_server.media.media_kinds import MediaInfo

DEINTERLACE = "bwdif=mode=send_frame:deint=interlaced"  # only frames marked as interlaced
PEAK_NITS = 100  # of an ordinary screen: brighter light is rolled off, colours are kept
HDR_TO_SDR = (
    f"zscale=transfer=linear:npl={PEAK_NITS},format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=tv,format=yuv420p"
)


def source_filters_for(info: MediaInfo) -> tuple[str, ...]:
    """Return the filters to put before all others; none for an ordinary recording.

    ffmpeg itself applies rotation; every rung's scale and fps filters correct odd sizes and uneven
    frame rates.
    """
    filters = ((info.is_interlaced, DEINTERLACE), (info.is_hdr, HDR_TO_SDR))
    return tuple(source_filter for is_needed, source_filter in filters if is_needed)
