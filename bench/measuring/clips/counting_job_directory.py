"""A job directory that sums the processor time of encodes and trials, apart from all other work."""

from dataclasses import dataclass, field, fields

from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.runner import ToolResult
from measuring.clips.cost import ToolCost, children_cpu_s

# Words of an encode or a trial.
ENCODE_WORDS = ("libx264", "libsvtav1", "libaom-av1", "libvmaf", "letters.grey")


@dataclass(frozen=True)
class CountingJobDirectory(JobDirectory):
    """A job directory that sums the cost of its encodes and trials; tools run one after another."""

    tool_cost: ToolCost = field(default_factory=ToolCost)

    def run(self, argv: list[str], length_s: float = 0.0) -> ToolResult:
        before_s = children_cpu_s()
        finished = super().run(argv, length_s)
        if any(word in argument for argument in argv for word in ENCODE_WORDS):
            self.tool_cost.by_hand_cpu_s += children_cpu_s() - before_s
        return finished


def count_tool_costs(job_directory: JobDirectory) -> CountingJobDirectory:
    return CountingJobDirectory(
        **{each.name: getattr(job_directory, each.name) for each in fields(job_directory)}
    )
