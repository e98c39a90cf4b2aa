"""What a source's picture needs before it is made small: pure decisions, as ffmpeg filters."""

from content_server.media.media_kinds import MediaInfo

DEINTERLACE = "bwdif=mode=send_frame:deint=interlaced"  # only pictures that say so
PEAK_NITS = 100  # of an ordinary screen: what is brighter is rolled off, colours are kept
HDR_TO_SDR = (
    f"zscale=transfer=linear:npl={PEAK_NITS},format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=tv,format=yuv420p"
)


def repairs_for(info: MediaInfo) -> tuple[str, ...]:
    """Return the filters to put before all others, none for an ordinary recording.

    Rotation is ffmpeg's own doing; odd sizes and uneven pictures are repaired by every rung's
    scale and fps.
    """
    wanted = ((info.is_interlaced, DEINTERLACE), (info.is_hdr, HDR_TO_SDR))
    return tuple(repair for is_needed, repair in wanted if is_needed)
