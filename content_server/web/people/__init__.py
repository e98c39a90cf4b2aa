"""The door of the house: signing in, invitations, one's own devices and data, and everybody."""

from content_server.web.people import everybody, home, joining, journal, own, registers, sign_in

ROOMS = tuple(each.router for each in (sign_in, joining, home, own, everybody, registers, journal))
