"""Who may do what: the users of a service and their roles."""

from __future__ import annotations

import enum
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.errors import BadArgument


class Role(enum.StrEnum):
    """What a user may do.

    PLANT is the gateway's own: nobody else may publish as a sensor.
    """

    VIEWER = "viewer"
    OPERATOR = "operator"
    PLANT = "plant"


@dataclass(frozen=True, slots=True)
class User:
    """A user of a service.

    Attributes:
        name: Name to log in with.
        password: Password to log in with; kept out of `repr`.
        role: What the user may do.
    """

    name: str
    password: str = field(repr=False)
    role: Role = Role.VIEWER


class Anonymous(enum.StrEnum):
    """What a client without a name may do: as an operator, as a viewer, or not even connect."""

    OPERATOR = "operator"
    VIEWER = "viewer"
    OFF = "off"


def default_users() -> tuple[User, ...]:
    """A viewer and an operator with fresh random passwords, shown in the service's `Endpoint`."""
    return tuple(User(role.value, secrets.token_urlsafe(12), role) for role in (Role.VIEWER, Role.OPERATOR))


@dataclass(frozen=True, slots=True)
class Access:
    """The users of one service and what the anonymous one may do.

    Raises:
        BadArgument: If two users share a name, or `anonymous` is not one of its three words.
    """

    users: tuple[User, ...]
    anonymous: Anonymous

    @classmethod
    def of(cls, users: Sequence[User] | None, anonymous: str) -> Access:
        """Check what the caller gave; without users, `default_users`."""
        chosen = default_users() if users is None else tuple(users)
        if len({user.name for user in chosen}) < len(chosen):
            raise BadArgument(
                "Two users share a name", value=[user.name for user in chosen], remedy="Give each its own"
            )
        try:
            return cls(chosen, Anonymous(anonymous))
        except ValueError:
            raise BadArgument(
                "Unknown policy for anonymous clients",
                value=anonymous,
                remedy=f"Use one of {', '.join(Anonymous)}",
            ) from None

    def role(self, name: str | None, password: str | None) -> Role | None:
        """The role of who logs in, or None when that is not allowed."""
        if not name:
            return None if self.anonymous is Anonymous.OFF else Role(self.anonymous.value)
        user = next((user for user in self.users if user.name == name), None)
        given, kept = (password or "").encode(), (user.password if user else "").encode()
        # Compared even for an unknown name, so that the time tells nothing about which names exist.
        return user.role if hmac.compare_digest(given, kept) and user and kept else None
