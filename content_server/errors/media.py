"""Errors of media: a file that is not what it says, did not arrive whole, or cannot be made."""

from content_server.errors.app_error import AppError
from content_server.phrases import Phrase


class MediumRefused(AppError):
    """A picture, recording or clip that is not what it says, or is over a limit."""

    status = 422


class EncodeFailed(AppError):
    """A medium could not be made smaller; the phrase carries the tool's own last words."""

    status = 500


class EncodeTimedOut(EncodeFailed):
    """The tool ran longer than the time allowed for this medium."""


class EncodeCancelled(EncodeFailed):
    """Somebody asked for the work to stop."""


class DigestDiffers(AppError):
    """What arrived is not what was sent: the line spoiled it; sending again is safe."""

    status = 422


class TusRefused(AppError):
    """A step of a resumable upload that cannot be taken, with the status tus gives it."""

    def __init__(self, status: int, phrase: Phrase) -> None:
        self.status = status
        super().__init__(phrase)


class DigestNotFound(AppError):
    """The store holds nothing under that digest."""

    status = 404
