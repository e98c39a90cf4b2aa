"""Makes recordings small: mono, no silence at the ends, all equally loud."""

from collections.abc import Callable
from pathlib import Path

from content_server.errors import MediumRefused
from content_server.media import bounds, commands, loudness, runner
from content_server.media.ladder import VOICE_LADDER, VOICE_LUFS
from content_server.media.medium import Made, MediaInfo, Medium
from content_server.media.probe import probe, source_at_fault
from content_server.phrases import _

FAINT_LUFS = -36.0  # from here down the noise of the room comes up with the voice
GIVEN_BACK_DB = (0.6, 6.0)  # less is not heard, and within the ± 1 LUFS promised
PROBED, HEARD, EVENED = 0.1, 0.3, 0.7  # shares of the work done


def make_voice_renditions(
    source: Path,
    folder: Path,
    *,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[Made]:
    """Make the voice ladder in `folder`; `on_progress` hears 0.0 … 1.0.

    Raises MediumRefused for a file without sound, silent, too long or not playable; EncodeFailed,
    EncodeTimedOut, EncodeCancelled.
    """

    def tell(share: float) -> None:
        if on_progress is not None:
            on_progress(share)

    def run(argv: list[str]) -> str:
        return runner.run(argv, limits, folder, is_cancelled=is_cancelled).stderr

    info = probe(source, Medium.VOICE)
    bounds.check_sound(info)
    limits = limits_for(info)
    tell(PROBED)
    heard, evened = folder / "heard.wav", folder / "evened.wav"
    with source_at_fault():
        run(commands.decode_sound_command(source, heard, info.container))
    tell(HEARD)
    result = loudness.even_out(heard, evened, seconds_of(heard), run)
    heard.unlink()
    if result is None:
        raise MediumRefused(_("Tệp này im lặng, không nghe thấy gì. Hãy thu lại gần micro hơn."))
    tell(EVENED)
    note = None
    if result.source_lufs < FAINT_LUFS:
        note = _("Tiếng thu nhỏ quá nên có thể bị rè. Nên thu lại gần micro hơn.")
    paths = {rung: folder / f"{rung.name}{rung.suffix}" for rung in VOICE_LADDER}
    run(commands.voices_command(evened, [(path, rung, 0.0) for rung, path in paths.items()]))
    # At these rates a codec may take half a decibel: heard again, given back once.
    heard_lufs = loudness.measure_all(list(paths.values()), result.duration_s, run)
    quiet = [
        (path, rung, VOICE_LUFS - lufs)
        for (rung, path), lufs in zip(paths.items(), heard_lufs, strict=True)
        if GIVEN_BACK_DB[0] < abs(VOICE_LUFS - lufs) < GIVEN_BACK_DB[1]
    ]
    if quiet:
        run(commands.voices_command(evened, quiet))
    duration_ms = round(result.duration_s * 1000)
    made = [
        Made(rung.name, path, rung.content_type, duration_ms=duration_ms, note=note)
        for rung, path in paths.items()
    ]
    evened.unlink()
    tell(1.0)
    return made


def seconds_of(wav: Path) -> float:
    """Return how long our own WAV is: 16 bits, mono, at the working rate."""
    return wav.stat().st_size / 2 / commands.WORKING_RATE_HZ


def limits_for(info: MediaInfo) -> runner.Limits:
    """Return what one step of work on this recording may use (a voice of 12 s takes 0.1 s)."""
    wav_bytes = (info.duration_ms // 1000 + 2) * 2 * commands.WORKING_RATE_HZ
    return runner.Limits(
        cpu_s=60 + info.duration_ms // 10_000,
        wall_s=120 + info.duration_ms / 5_000,
        memory_bytes=2 << 30,  # of addresses: each thread of three coders reserves 64 MB unused
        file_size_bytes=wav_bytes + bounds.MB,
    )
