"""Every error raised on purpose: a named fact, its HTTP status, and words for a commune officer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from content_server.phrases import Phrase, _


class Refused(Exception):
    """Base of all named errors. `phrase` says what is wrong, where, and what to do."""

    status = 400

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase

    def said_in(self, tag: str) -> str:
        return self.phrase.said_in(tag)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a bundle: which file, which line (1-based, 0 = the whole file), what."""

    file: str
    line: int
    phrase: Phrase

    def said_in(self, tag: str) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.phrase.said_in(tag)}"


class BundleRejected(Refused):
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


class LessonNotFound(Refused):
    """No lesson of that name, or none that may be seen."""

    status = 404


class MediumRefused(Refused):
    """A picture, recording or clip that is not what it says, or is over a limit."""

    status = 422


class EncodeFailed(Refused):
    """A medium could not be made smaller; the phrase carries the tool's own last words."""

    status = 500


class EncodeTimedOut(EncodeFailed):
    """The tool ran longer than the time allowed for this medium."""


class EncodeCancelled(EncodeFailed):
    """Somebody asked for the work to stop."""


class DigestDiffers(Refused):
    """What arrived is not what was sent: the line spoiled it; sending again is safe."""

    status = 422


class TusRefused(Refused):
    """A step of a resumable upload that cannot be taken, with the status tus gives it."""

    def __init__(self, status: int, phrase: Phrase) -> None:
        self.status = status
        super().__init__(phrase)


class DigestNotFound(Refused):
    """The store holds nothing under that digest."""

    status = 404


class StoreUnavailable(Refused):
    """The store could not be written or read: disk full, folder read-only, bucket out of reach."""

    status = 507


class TransitionRefused(Refused):
    """An edition cannot go from its state to the one asked for."""

    status = 409


class JobNotFound(Refused):
    """No job of that number waits or runs."""

    status = 404


class DataFolderBusy(Refused):
    """Another server is already working on this data folder."""

    status = 503


class DatabaseFromTheFuture(Refused):
    """The database was written by a newer version of this program."""

    status = 503


class SettingRefused(Refused):
    """A setting has a value that cannot work."""


class DatabaseBusy(Refused):
    """The database did not answer in time; nothing was written, trying again is safe."""

    status = 503


class DoesNotFit(Refused):
    """A number or a text is larger than any row can hold."""

    status = 422


class PathTaken(Refused):
    """A page would be published at an address that another page has."""

    status = 409


class FolderRefused(Refused):
    """A folder was named to write to, but it holds files that are not ours to remove."""

    status = 409


class NotSignedIn(Refused):
    """Nobody is signed in, or the session has ended."""

    status = 401


class NotAllowed(Refused):
    """Somebody is signed in, and was not given that task."""

    status = 403


class PlainHttpRefused(Refused):
    """Rooms are closed over plain HTTP: anybody on the same Wi-Fi could listen."""

    status = 403


class ForeignRequest(Refused):
    """A page of another site asked for a change in this person's name."""

    status = 403


class BodyTooLarge(Refused):
    """A form or a JSON body is larger than any of ours can be."""

    status = 413


class TooManyTries(Refused):
    """Signing in failed so often that the next try has to wait."""

    status = 429


class PersonRefused(Refused):
    """A name, role or passphrase that cannot be used."""

    status = 422


class PersonNotFound(Refused):
    """No such person, session or invitation, or none any more."""

    status = 404


class LinkRefused(Refused):
    """A village link cannot be made of these words."""

    status = 422


class LinkNotFound(Refused):
    """No village has that code."""

    status = 404


class LinkTaken(Refused):
    """Somebody made that link before; `there` is the code to use instead of a new one."""

    status = 409

    def __init__(self, phrase: Phrase, there: str) -> None:
        super().__init__(phrase)
        self.there = there


class VillageTaken(LinkTaken):
    """The place has an open link."""


class CodeTaken(LinkTaken):
    """The code is another place's."""


class PackRefused(Refused):
    """A pack cannot be made of this lesson, or not now: the phrase says what is missing."""

    status = 409


class KeyRefused(Refused):
    """A key that signs packs is missing, broken, open to others, or copied wrongly."""

    status = 409


class CourseRefused(Refused):
    """A course pack is not what its maker signed: cut, changed, or not a pack at all."""

    status = 422


class CourseNotTrusted(CourseRefused):
    """A course pack is signed by a key this box does not trust."""


class CourseTooOld(CourseRefused):
    """A course pack is older than the one in use."""

    status = 409


class CourseNotOffered(Refused):
    """There is no course pack to give: no key yet, or nothing published."""

    status = 404


class ServerOutOfReach(Refused):
    """The server updates come from does not answer; trying again later is safe."""

    status = 503


class PortTaken(Refused):
    """No port can be listened on: another program has it."""

    status = 503


class RegisterRefused(Refused):
    """An entry of a register has problems: `fields` says what is wrong where; "" is the whole."""

    status = 422

    def __init__(self, fields: Mapping[str, Phrase]) -> None:
        self.fields = dict(fields)
        super().__init__(
            self.fields.get("") or _("Chưa lưu: còn {count} ô cần sửa.", count=len(self.fields))
        )


class EditConflict(Refused):
    """Somebody else changed the same thing in the meantime; nothing was written over."""

    status = 409


class ChangeRefused(Refused):
    """A change to a draft cannot be made: its place is gone, or it is no lesson's."""

    status = 422


class DraftIncomplete(Refused):
    """A draft has gaps and cannot be handed in or shown yet; `problems` are all of them."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(_("Bài chưa xong, còn {count} chỗ.", count=len(self.problems)))


class TwoPeopleNeeded(Refused):
    """Whoever wrote a lesson cannot approve it: a second pair of eyes must."""

    status = 409


class ReasonNeeded(Refused):
    """What is asked for can be done, but only with a reason in writing."""

    status = 422
