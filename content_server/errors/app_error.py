"""What every named error is: its HTTP status, and words for a commune officer."""

from content_server.phrases import Phrase


class AppError(Exception):
    """Base of all named errors. `phrase` says what is wrong, where, and what to do."""

    status = 400

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase

    def translate(self, tag: str) -> str:
        return self.phrase.translate(tag)
