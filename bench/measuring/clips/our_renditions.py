"""Makes our renditions of a clip, through the server's own functions."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from content_server.media.clip_ladder import QualityTarget, clip_rung
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.media_kinds import ClipKind
from content_server.media.video import clip_renditions, trial_encodes
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.stills import SkippedRendition
from content_server.media.video.trial_encodes import Analyses
from measuring.clips.cost import Cost, measure_cost
from measuring.clips.counting_job_directory import count_tool_costs
from measuring.clips.results import OURS, MeasuredFile, SourceClip

BETTER_SLIDES_TARGET = QualityTarget(95.0, 91.0)  # the second point promised of slides
BETTER_CRF = 47  # where its search begins


def analyse_source(
    source: Path, folder: Path, analyses: Analyses
) -> tuple[SourceClip, ClipAnalysis, Cost]:
    """Probe and analyse a clip; return it, its analysis and the cost of that.

    Raises MediaRefused for a clip the server would refuse.
    """
    folder.mkdir()
    with measure_cost() as cost:
        job_directory = count_tool_costs(open_job_directory(source, folder))
        analysis = clip_renditions.load_clip_analysis(job_directory, analyses)
    words = source.with_suffix(".txt")
    clip = SourceClip(source.name, job_directory, analysis.kind, words if words.exists() else None)
    return clip, analysis, cost


@dataclass(frozen=True)
class OurRenditions:
    """A clip, its analysis, and the cached analyses shared by its renditions."""

    clip: SourceClip
    analysis: ClipAnalysis
    analyses: Analyses

    def encode(self, analysis_cost: Cost) -> Iterator[MeasuredFile | str]:
        """Yield our renditions, or the reason why one is skipped.

        The cost of the analysis is added to the first, as when a lesson is made.
        """
        with measure_cost(self.clip.job_directory.tool_cost) as cost:
            made: clip_renditions.RungResult = clip_renditions.make_compat(
                self.clip.job_directory, self.analyses
            )
        compat = self._measured_file("compat", made, cost.add(analysis_cost))
        before = {"compat": compat.path.stat().st_size} if isinstance(compat, MeasuredFile) else {}
        yield compat  # whoever takes it may throw it away
        for name in ("stills", "lean"):
            if clip_rung(self.analysis.kind, name):
                with measure_cost(self.clip.job_directory.tool_cost) as cost:
                    made = clip_renditions.make_background_rung(
                        self.clip.job_directory, name, self.analyses, before
                    )
                yield self._measured_file(name, made, cost)
        if self.analysis.kind is ClipKind.SLIDES:
            yield self._encode_better_slides()

    def _encode_better_slides(self) -> MeasuredFile | str:
        """Make slides as good as those of others, for a ratio at equal quality."""
        rung = clip_rung(self.analysis.kind, "lean")
        if rung is None:
            raise LookupError(self.analysis.kind)
        aimed = replace(rung, target=BETTER_SLIDES_TARGET, crf=BETTER_CRF)
        with measure_cost(self.clip.job_directory.tool_cost) as cost:
            made = trial_encodes.encode_to_target(self.clip.job_directory, self.analysis, aimed, {})
        return self._measured_file("lean, better", [made], cost)

    def _measured_file(
        self, name: str, made: clip_renditions.RungResult, cost: Cost
    ) -> MeasuredFile | str:
        """Return the moving picture among what was made, out of the way of the next."""
        if isinstance(made, SkippedRendition):
            return f"{self.clip.name}: no {name}: {made.why}"
        film = next(each for each in made if each.content_type.startswith("video/"))
        path = self.clip.job_directory.folder / f"ours-{name.replace(', ', '-')}.mp4"
        shutil.move(film.path, path)
        rung = clip_rung(self.analysis.kind, name)
        known = self.analyses.get(rung.recipe, {}) if rung else {}
        return MeasuredFile(
            maker=OURS,
            rung=name,
            path=path,
            cut=self.analysis.cut,
            cpu_s=cost.cpu_s,
            wall_s=cost.wall_s,
            own_cpu_s=cost.own_cpu_s,
            by_hand_cpu_s=cost.by_hand_cpu_s,
            encodes=int(known.get("encodes", 1)),
        )
