"""Errors of lessons, drafts and registries: what is wrong, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from content_server.errors.app_error import AppError
from content_server.phrases import Phrase, _


@dataclass(frozen=True, order=True)
class Problem:
    """One problem of a bundle: its file, its line (1-based; 0: the whole file), what is wrong."""

    file: str
    line: int
    phrase: Phrase

    def translate(self, tag: str) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.phrase.translate(tag)}"


class BundleRejected(AppError):
    """A bundle has problems. All of them are in `problems`, in file and line order."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.phrase.message)))
        super().__init__(
            _("Bài chưa đưa lên được, còn {count} chỗ cần sửa.", count=len(self.problems))
        )

    def translate(self, tag: str) -> str:
        lines = [problem.translate(tag) for problem in self.problems]
        return "\n".join([self.phrase.translate(tag), *lines])


class LessonNotFound(AppError):
    """No lesson has that name, or none that this reader may see."""

    status = 404


class InvalidTransition(AppError):
    """An edition cannot change from its state to the requested one."""

    status = 409


class InvalidRegistryEntry(AppError):
    """A registry entry has problems: `fields` maps field → what is wrong; "" is the whole entry."""

    status = 422

    def __init__(self, fields: Mapping[str, Phrase]) -> None:
        self.fields = dict(fields)
        super().__init__(
            self.fields.get("") or _("Chưa lưu: còn {count} ô cần sửa.", count=len(self.fields))
        )


class EditConflict(AppError):
    """Somebody else changed the same entry in the meantime; nothing was written."""

    status = 409


class ChangeRejected(AppError):
    """A change cannot be made: what it changes does not exist, or its value is not acceptable."""

    status = 422


class DraftIncomplete(AppError):
    """A draft has gaps and cannot be submitted or published yet; `problems` lists all of them."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(_("Bài chưa xong, còn {count} chỗ.", count=len(self.problems)))


class TwoPeopleNeeded(AppError):
    """The author of a lesson cannot approve it: a second person must."""

    status = 409


class ReasonNeeded(AppError):
    """The action needs a written reason."""

    status = 422
