"""Routes of accounts: signing in, invitations, one's own devices and data, and everybody's."""

from content_server.web.accounts import accounts, audit_log, invitations, own_account, sign_in

ROUTERS = tuple(each.router for each in (sign_in, invitations, own_account, accounts, audit_log))
