"""Errors of media: invalid sources, failed encodes, uploads and missing digests."""

from content_server.errors.app_error import AppError
from content_server.phrases import Phrase


class InvalidMedia(AppError):
    """A picture, recording, clip or captions file that is invalid or exceeds a limit."""

    status = 422


class EncodeFailed(AppError):
    """A media tool failed; the phrase holds the end of its stderr."""

    status = 500


class EncodeTimedOut(EncodeFailed):
    """A media tool exceeded its time, processor or memory limit."""


class EncodeCancelled(EncodeFailed):
    """A person or the server cancelled the job while its tool ran."""


class DigestMismatch(AppError):
    """The received bytes do not have the announced digest; sending them again is safe."""

    status = 422


class TusError(AppError):
    """A request of a resumable upload that is refused with the status of the tus protocol."""

    def __init__(self, status: int, phrase: Phrase) -> None:
        self.status = status
        super().__init__(phrase)


class DigestNotFound(AppError):
    """The store holds no bytes under this digest."""

    status = 404
