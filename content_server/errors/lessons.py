"""Errors of lessons: what is wrong with an edition, a draft, a register, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from content_server.errors.app_error import AppError
from content_server.phrases import Phrase, _


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a bundle: which file, which line (1-based, 0 = the whole file), what."""

    file: str
    line: int
    phrase: Phrase

    def said_in(self, tag: str) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.phrase.said_in(tag)}"


class BundleRejected(AppError):
    """A bundle has problems. All of them are in `problems`, in file and line order."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.phrase.message)))
        super().__init__(
            _("Bài chưa đưa lên được, còn {count} chỗ cần sửa.", count=len(self.problems))
        )

    def said_in(self, tag: str) -> str:
        lines = [problem.said_in(tag) for problem in self.problems]
        return "\n".join([self.phrase.said_in(tag), *lines])


class LessonNotFound(AppError):
    """No lesson of that name, or none that may be seen."""

    status = 404


class TransitionRefused(AppError):
    """An edition cannot go from its state to the one asked for."""

    status = 409


class RegisterRefused(AppError):
    """An entry of a register has problems: `fields` says what is wrong where; "" is the whole."""

    status = 422

    def __init__(self, fields: Mapping[str, Phrase]) -> None:
        self.fields = dict(fields)
        super().__init__(
            self.fields.get("") or _("Chưa lưu: còn {count} ô cần sửa.", count=len(self.fields))
        )


class EditConflict(AppError):
    """Somebody else changed the same thing in the meantime; nothing was written over."""

    status = 409


class ChangeRefused(AppError):
    """A change to a draft cannot be made: its place is gone, or it is no lesson's."""

    status = 422


class DraftIncomplete(AppError):
    """A draft has gaps and cannot be handed in or shown yet; `problems` are all of them."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(_("Bài chưa xong, còn {count} chỗ.", count=len(self.problems)))


class TwoPeopleNeeded(AppError):
    """Whoever wrote a lesson cannot approve it: a second pair of eyes must."""

    status = 409


class ReasonNeeded(AppError):
    """What is asked for can be done, but only with a reason in writing."""

    status = 422
