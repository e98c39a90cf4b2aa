"""A bench that counts what encodes and searches cost, as if somebody had typed them by hand."""

from dataclasses import dataclass, field, fields

from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.runner import Finished
from measuring.films.spent import Tally, children_cpu_s

# Words of an encode or a trial.
BY_HAND = ("libx264", "libsvtav1", "libaom-av1", "libvmaf", "letters.grey")


@dataclass(frozen=True)
class CountingBench(JobDirectory):
    """A bench that notes what its tools cost; they run one after another."""

    tally: Tally = field(default_factory=Tally)

    def run(self, argv: list[str], length_s: float = 0.0) -> Finished:
        before_s = children_cpu_s()
        finished = super().run(argv, length_s)
        if any(word in argument for argument in argv for word in BY_HAND):
            self.tally.by_hand_cpu_s += children_cpu_s() - before_s
        return finished


def counting(bench: JobDirectory) -> CountingBench:
    return CountingBench(**{each.name: getattr(bench, each.name) for each in fields(bench)})
