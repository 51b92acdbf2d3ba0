"""Endpoints of users and tokens. A token of one's own needs no administrator."""

from mainstay.wire import accounts as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoint import Action, Kind, own

WHOAMI = own(
    "accounts.whoami",
    "GET",
    "whoami",
    messages.WhoAmI,
    messages.PrincipalAnswer,
    (Action.READ, Kind.SERVER),
)
CREATE_USER = own(
    "accounts.create_user",
    "POST",
    "accounts/users",
    messages.CreateUser,
    messages.UserAnswer,
    (Action.ADMIN, Kind.ACCOUNT),
    once=True,
)
DISABLE_USER = own(
    "accounts.disable_user",
    "POST",
    "accounts/users/disabled",
    messages.DisableUser,
    messages.UserAnswer,
    (Action.ADMIN, Kind.ACCOUNT),
)
LIST_USERS = own(
    "accounts.list_users",
    "GET",
    "accounts/users",
    messages.ListUsers,
    messages.UserList,
    (Action.ADMIN, Kind.ACCOUNT),
)
CREATE_TOKEN = own(
    "accounts.create_token",
    "POST",
    "accounts/tokens",
    messages.CreateToken,
    messages.TokenCreated,
    (Action.READ, Kind.ACCOUNT),
    once=True,
)
LIST_TOKENS = own(
    "accounts.list_tokens",
    "GET",
    "accounts/tokens",
    messages.ListTokens,
    messages.TokenList,
    (Action.READ, Kind.ACCOUNT),
)
REVOKE_TOKEN = own(
    "accounts.revoke_token",
    "DELETE",
    "accounts/tokens",
    messages.RevokeToken,
    Done,
    (Action.READ, Kind.ACCOUNT),
    once=True,
)
