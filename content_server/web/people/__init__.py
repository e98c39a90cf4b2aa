"""The door of the house: signing in, invitations, one's own devices and data, and the roster."""

from content_server.web.people import sign_in

ROOMS = (sign_in.router,)
