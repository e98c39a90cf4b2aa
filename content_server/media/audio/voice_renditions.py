"""Makes recordings small: mono, no silence at the ends, all equally loud."""

from collections.abc import Callable, MutableMapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from content_server.errors import MediumRefused
from content_server.media import limits as bounds
from content_server.media.audio import loudness
from content_server.media.ffmpeg import commands, runner
from content_server.media.ffmpeg.probe import probe, source_at_fault
from content_server.media.ladder import RECIPE_VERSION, VOICE_LADDER, VOICE_LUFS, VoiceRung
from content_server.media.media_kinds import EncodedFile, MediaInfo, MediaKind, TrimRange
from content_server.phrases import _

FAINT_LUFS = -36.0  # from here down the noise of the room comes up with the voice
GIVEN_BACK_DB = (0.6, 6.0)  # less is not heard, and within the ± 1 LUFS promised
PROBED, LISTENED, MADE = 0.1, 0.7, 0.9  # shares of the work done
HEARD = f"heard-{RECIPE_VERSION[MediaKind.VOICE]}"  # the finding's name

Run = loudness.Run
Paths = dict[VoiceRung, Path]


@dataclass(frozen=True)
class Heard:
    """What listening to a recording found out: what is kept of it, and what makes it level.

    `given_back_db` is what each rung's codec takes away, by the rung's name.
    """

    container: str
    source_lufs: float
    cut: TrimRange
    given_back_db: dict[str, float]

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Heard":
        return cls(**{**found, "cut": TrimRange(**found["cut"])})


def make_voice_renditions(
    source: Path,
    folder: Path,
    *,
    memory: MutableMapping[str, dict[str, Any]] | None = None,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[EncodedFile]:
    """Make the voice ladder in `folder`; `on_progress` hears 0.0 … 1.0.

    What was found out before is in `memory`, so that one process is enough; what is found out now
    is added. Raises MediumRefused for a file without sound, silent, too long or not playable;
    EncodeFailed, EncodeTimedOut, EncodeCancelled.
    """

    def tell(share: float) -> None:
        if on_progress is not None:
            on_progress(share)

    def run(argv: list[str]) -> str:
        return runner.run(argv, limits, folder, is_cancelled=is_cancelled).stderr

    memory = {} if memory is None else memory
    paths = {rung: folder / f"{rung.name}{rung.suffix}" for rung in VOICE_LADDER}
    if (known := memory.get(HEARD)) is not None:
        heard = Heard.from_json(known)
        limits = limits_for(heard.cut.end_ms)
        _make(source, heard, paths, run)
    else:
        info = probe(source, MediaKind.VOICE)
        bounds.check_sound(info)
        limits = limits_for(info.duration_ms)
        tell(PROBED)
        heard = _listen(source, info, folder, run)
        tell(LISTENED)
        _make(source, heard, paths, run)
        tell(MADE)
        heard = _give_back(source, heard, paths, run)
        memory[HEARD] = asdict(heard)
    tell(1.0)
    return _made(heard, paths)


def _listen(source: Path, info: MediaInfo, folder: Path, run: Run) -> Heard:
    wav = folder / "heard.wav"
    with source_at_fault():
        run(commands.decode_sound_command(source, wav, info.container))
    level = loudness.find_level(wav, seconds_of(wav), run)
    wav.unlink()
    if level is None:
        raise MediumRefused(_("Tệp này im lặng, không nghe thấy gì. Hãy thu lại gần micro hơn."))
    cut, lufs = level
    return Heard(info.container, lufs, cut, {})


def _make(source: Path, heard: Heard, paths: Paths, run: Run) -> None:
    """Encode all of `paths` at once: starting a process costs as much as making a short voice."""
    wanted = [(path, rung, heard.given_back_db.get(rung.name, 0.0)) for rung, path in paths.items()]
    run(commands.voices_command(source, heard.container, heard.cut, wanted))


def _give_back(source: Path, heard: Heard, paths: Paths, run: Run) -> Heard:
    """Make again, louder, what a codec made softer: at these rates it may take half a decibel."""
    found_lufs = loudness.measure_all(list(paths.values()), heard.cut.length_s, run)
    missing_db = {
        rung: round(VOICE_LUFS - lufs, 2) for rung, lufs in zip(paths, found_lufs, strict=True)
    }
    quiet = {
        rung: paths[rung]
        for rung, db in missing_db.items()
        if GIVEN_BACK_DB[0] < abs(db) < GIVEN_BACK_DB[1]
    }
    if not quiet:
        return heard
    louder = replace(heard, given_back_db={rung.name: missing_db[rung] for rung in quiet})
    _make(source, louder, quiet, run)
    return louder


def _made(heard: Heard, paths: Paths) -> list[EncodedFile]:
    note = None
    if heard.source_lufs < FAINT_LUFS:
        note = _("Tiếng thu nhỏ quá nên có thể bị rè. Nên thu lại gần micro hơn.")
    duration_ms = heard.cut.end_ms - heard.cut.start_ms
    return [
        EncodedFile(rung.name, path, rung.content_type, duration_ms=duration_ms, note=note)
        for rung, path in paths.items()
    ]


def seconds_of(wav: Path) -> float:
    """Return how long our own WAV is: 16 bits, mono, at the working rate."""
    return wav.stat().st_size / 2 / commands.WORKING_RATE_HZ


def limits_for(duration_ms: int) -> runner.Limits:
    """Return what one step of work on a recording may use (a voice of 12 s takes 0.1 s)."""
    wav_bytes = (duration_ms // 1000 + 2) * 2 * commands.WORKING_RATE_HZ
    return runner.Limits(
        cpu_s=60 + duration_ms // 10_000,
        wall_s=120 + duration_ms / 5_000,
        memory_bytes=2 << 30,  # of addresses: each thread of three coders reserves 64 MB unused
        file_size_bytes=wav_bytes + bounds.MB,
    )
