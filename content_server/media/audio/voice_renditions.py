"""Makes the renditions of a recording: mono, no silence at the ends, all at one loudness."""

from collections.abc import Callable, MutableMapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from content_server.errors import InvalidMedia
from content_server.media import limits as source_limits
from content_server.media.audio import loudness
from content_server.media.audio.loudness import RunForStderr
from content_server.media.ffmpeg import audio_commands, runner
from content_server.media.ffmpeg.probe import blame_source, probe
from content_server.media.ladder import RECIPE_VERSION, VOICE_LADDER, VOICE_LUFS, VoiceRung
from content_server.media.media_kinds import EncodedFile, MediaInfo, MediaKind, TrimRange
from content_server.phrases import _

FAINT_LUFS = -36.0  # below this the gain makes background noise audible
COMPENSATED_DB = (0.6, 6.0)  # a smaller loss is inaudible and within the ± 1 LUFS promised
PROBED_SHARE, ANALYSED_SHARE, ENCODED_SHARE = 0.1, 0.7, 0.9  # of the work
# The name of the cached analysis, as stored.
VOICE_ANALYSIS = f"heard-{RECIPE_VERSION[MediaKind.VOICE]}"

Paths = dict[VoiceRung, Path]


@dataclass(frozen=True)
class VoiceAnalysis:
    """The measured loudness of a recording, and the cut and gain that level it.

    `compensation_db` is the loudness each rung's codec loses, by the rung's name.
    """

    container: str
    source_lufs: float
    cut: TrimRange
    compensation_db: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` reads."""
        stored = asdict(self)
        return stored | {"given_back_db": stored.pop("compensation_db")}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "VoiceAnalysis":
        return cls(
            stored["container"],
            stored["source_lufs"],
            TrimRange(**stored["cut"]),
            stored["given_back_db"],
        )


def make_voice_renditions(  # noqa: PLR0913  # the source, the folder, and how its tools run
    source: Path,
    folder: Path,
    *,
    analyses: MutableMapping[str, dict[str, Any]] | None = None,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    priority: runner.ToolPriority = runner.NORMAL_PRIORITY,
) -> list[EncodedFile]:
    """Make the voice ladder in `folder`; `on_progress` receives 0.0 … 1.0.

    With the recording's analysis in `analyses` one process is enough; a new analysis is added to
    it. Raises InvalidMedia for a file without sound, silent, too long or not playable;
    EncodeFailed, EncodeTimedOut, EncodeCancelled.
    """

    def report(share: float) -> None:
        if on_progress is not None:
            on_progress(share)

    def run(argv: list[str]) -> str:
        return runner.run_tool(
            argv, limits, folder, is_cancelled=is_cancelled, priority=priority
        ).stderr

    analyses = {} if analyses is None else analyses
    paths = {rung: folder / f"{rung.name}{rung.suffix}" for rung in VOICE_LADDER}
    if (cached := analyses.get(VOICE_ANALYSIS)) is not None:
        analysis = VoiceAnalysis.from_json(cached)
        limits = voice_limits(analysis.cut.end_ms)
        _encode_voices(source, analysis, paths, run)
    else:
        info = probe(source, MediaKind.VOICE, priority)
        source_limits.check_sound(info)
        limits = voice_limits(info.duration_ms)
        report(PROBED_SHARE)
        analysis = _analyse_voice(source, info, folder, run)
        report(ANALYSED_SHARE)
        _encode_voices(source, analysis, paths, run)
        report(ENCODED_SHARE)
        analysis = _compensate_codec_loss(source, analysis, paths, run)
        analyses[VOICE_ANALYSIS] = analysis.to_json()
    report(1.0)
    return _encoded_files(analysis, paths)


def _analyse_voice(source: Path, info: MediaInfo, folder: Path, run: RunForStderr) -> VoiceAnalysis:
    wav = folder / "sound.wav"
    with blame_source():
        run(audio_commands.decode_sound_command(source, wav, info.container))
    level = loudness.find_trim_and_gain(wav, wav_duration_s(wav), run)
    wav.unlink()
    if level is None:
        raise InvalidMedia(_("Tệp này im lặng, không nghe thấy gì. Hãy thu lại gần micro hơn."))
    cut, lufs = level
    return VoiceAnalysis(info.container, lufs, cut, {})


def _encode_voices(source: Path, analysis: VoiceAnalysis, paths: Paths, run: RunForStderr) -> None:
    """Encode all of `paths` at once: starting a process costs as much as encoding a short voice."""
    outputs = [
        (path, rung, analysis.compensation_db.get(rung.name, 0.0)) for rung, path in paths.items()
    ]
    run(audio_commands.encode_voices_command(source, analysis.container, analysis.cut, outputs))


def _compensate_codec_loss(
    source: Path, analysis: VoiceAnalysis, paths: Paths, run: RunForStderr
) -> VoiceAnalysis:
    """Encode again, with more gain, what a codec made softer: it may lose half a decibel."""
    measured_lufs = loudness.measure_all_lufs(list(paths.values()), analysis.cut.length_s, run)
    missing_db = {
        rung: round(VOICE_LUFS - lufs, 2) for rung, lufs in zip(paths, measured_lufs, strict=True)
    }
    quiet = {
        rung: paths[rung]
        for rung, db in missing_db.items()
        if COMPENSATED_DB[0] < abs(db) < COMPENSATED_DB[1]
    }
    if not quiet:
        return analysis
    compensated = replace(analysis, compensation_db={rung.name: missing_db[rung] for rung in quiet})
    _encode_voices(source, compensated, quiet, run)
    return compensated


def _encoded_files(analysis: VoiceAnalysis, paths: Paths) -> list[EncodedFile]:
    note = None
    if analysis.source_lufs < FAINT_LUFS:
        note = _("Tiếng thu nhỏ quá nên có thể bị rè. Nên thu lại gần micro hơn.")
    duration_ms = analysis.cut.end_ms - analysis.cut.start_ms
    return [
        EncodedFile(rung.name, path, rung.content_type, duration_ms=duration_ms, note=note)
        for rung, path in paths.items()
    ]


def wav_duration_s(wav: Path) -> float:
    """Return the duration of our own WAV: 16 bits, mono, at the working rate."""
    return wav.stat().st_size / 2 / audio_commands.WORKING_RATE_HZ


def voice_limits(duration_ms: int) -> runner.Limits:
    """Return what one command on a recording may use (a voice of 12 s takes 0.1 s, measured)."""
    wav_bytes = (duration_ms // 1000 + 2) * 2 * audio_commands.WORKING_RATE_HZ
    return runner.Limits(
        cpu_s=60 + duration_ms // 10_000,
        wall_s=120 + duration_ms / 5_000,
        memory_bytes=2 << 30,  # of address space: each thread of three codecs reserves 64 MB
        file_size_bytes=wav_bytes + source_limits.MB,
    )
