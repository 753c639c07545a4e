"""What every MQTT broker of ours has in common: users, and a login of its own for the plant."""

from __future__ import annotations

import secrets
from abc import ABC
from collections.abc import Sequence

from harness.services.service import LOOPBACK, Endpoint, Service
from harness.services.users import Access, Role, User

PLANT_NAME = "plant"


class Broker(Service, ABC):
    """An MQTT broker on loopback.

    Args:
        port: Port to listen on; 0 takes a free one.
        anonymous: What a client without a name may do: "operator", "viewer" or "off".
        users: Who may log in; a viewer and an operator with random passwords when left out.
    """

    name = "MQTT broker"

    def __init__(
        self, *, port: int = 0, anonymous: str = "operator", users: Sequence[User] | None = None
    ) -> None:
        super().__init__(port=port)
        public = Access.of(users, anonymous)
        self.plant_login = User(PLANT_NAME, secrets.token_urlsafe(24), Role.PLANT)
        """How the gateway logs in; in no endpoint, so that nobody else can speak as a sensor."""
        self._public = public
        self._access = Access.of((*public.users, self.plant_login), anonymous)

    def _endpoint_at(self, port: int) -> Endpoint:
        return Endpoint(
            url=f"mqtt://{LOOPBACK}:{port}",
            host=LOOPBACK,
            port=port,
            users={user.name: user for user in self._public.users},
        )
