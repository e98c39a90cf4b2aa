"""Routes of accounts: sign-in, invitations, a person's own account, administration, audit log."""

from content_server.web.accounts import accounts, audit_log, invitations, own_account, sign_in

ROUTERS = tuple(each.router for each in (sign_in, invitations, own_account, accounts, audit_log))
