"""The offer: the course pack of what is published right now, ready to be taken in parts."""

from threading import Lock

from content_server.errors import CourseNotOffered, KeyRefused
from content_server.media.store import Store
from content_server.phrases import _
from content_server.site.course.container import Pack
from content_server.site.course.course_pack import Course


class CourseOffer:
    """What a server offers to boxes: always the newest, signed once per change. For threads."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._lock = Lock()
        self._pack: Pack | None = None

    @property
    def store(self) -> Store:
        return self._course.press.store

    def offered(self) -> Pack:
        """Return the pack of all languages at this moment. Raises CourseNotOffered."""
        with self._lock:
            generation = self._course.generation()
            if self._pack is None or self._pack.manifest.sequence != generation:
                self._pack = self._signed()
            return self._pack

    def _signed(self) -> Pack:
        try:
            return self._course.pack()
        except KeyRefused as error:
            raise CourseNotOffered(
                _("Máy chủ này chưa phát gói khóa học: chưa có khóa ký.")
            ) from error
