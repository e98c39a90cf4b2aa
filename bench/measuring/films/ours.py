"""Makes what the server makes of a clip, through the server's own functions."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from content_server.media.clip_ladder import Target, clip_rung
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.media_kinds import ClipKind
from content_server.media.video import clip_renditions, trial_encodes
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.stills import LeftOut
from content_server.media.video.trial_encodes import Memory
from measuring.films.counting import counting
from measuring.films.found import OURS, Clip, File
from measuring.films.spent import Spent, spent

BETTER_SLIDES = Target(95.0, 91.0)  # the second point promised of slides
BETTER_CRF = 47  # where its search begins


def open_clip(source: Path, folder: Path, memory: Memory) -> tuple[Clip, ClipAnalysis, Spent]:
    """Probe a clip and look at it once; return what that cost as well.

    Raises MediumRefused for what the server would refuse.
    """
    folder.mkdir()
    with spent() as cost:
        bench = counting(open_job_directory(source, folder))
        look = clip_renditions.look_of(bench, memory)
    words = source.with_suffix(".txt")
    clip = Clip(source.name, bench, look.kind, words if words.exists() else None)
    return clip, look, cost


@dataclass(frozen=True)
class Making:
    """A clip, what was seen of it, and what is remembered from one rendition to the next."""

    clip: Clip
    look: ClipAnalysis
    memory: Memory

    def files(self, looked: Spent) -> Iterator[File | str]:
        """Yield our renditions, or in words why one is left out.

        Looking at the clip is counted with the first, as it is when a lesson is made.
        """
        with spent(self.clip.bench.tally) as cost:
            made: clip_renditions.Done = clip_renditions.make_compat(self.clip.bench, self.memory)
        compat = self._file("compat", made, cost.with_more(looked))
        before = {"compat": compat.path.stat().st_size} if isinstance(compat, File) else {}
        yield compat  # whoever takes it may throw it away
        for name in ("stills", "lean"):
            if clip_rung(self.look.kind, name):
                with spent(self.clip.bench.tally) as cost:
                    made = clip_renditions.make_rung(self.clip.bench, name, self.memory, before)
                yield self._file(name, made, cost)
        if self.look.kind is ClipKind.SLIDES:
            yield self._better()

    def _better(self) -> File | str:
        """Make slides as good as those of others, for a ratio at equal quality."""
        rung = clip_rung(self.look.kind, "lean")
        if rung is None:
            raise LookupError(self.look.kind)
        aimed = replace(rung, target=BETTER_SLIDES, crf=BETTER_CRF)
        with spent(self.clip.bench.tally) as cost:
            made = trial_encodes.encode_well(self.clip.bench, self.look, aimed, {})
        return self._file("lean, better", [made], cost)

    def _file(self, name: str, made: clip_renditions.Done, cost: Spent) -> File | str:
        """Return the moving picture among what was made, out of the way of the next."""
        if isinstance(made, LeftOut):
            return f"{self.clip.name}: no {name}: {made.why}"
        film = next(each for each in made if each.content_type.startswith("video/"))
        path = self.clip.bench.folder / f"ours-{name.replace(', ', '-')}.mp4"
        shutil.move(film.path, path)
        rung = clip_rung(self.look.kind, name)
        known = self.memory.get(rung.recipe, {}) if rung else {}
        return File(
            who=OURS,
            rung=name,
            path=path,
            cut=self.look.cut,
            cpu_s=cost.cpu_s,
            wall_s=cost.wall_s,
            own_cpu_s=cost.own_cpu_s,
            by_hand_cpu_s=cost.by_hand_cpu_s,
            encodes=int(known.get("encodes", 1)),
        )
