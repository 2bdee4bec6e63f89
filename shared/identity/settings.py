"""What the accounts' web process reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass

from shared.settings import flag, setting


@dataclass(frozen=True)
class Settings:
    """Settings of `shared.identity.app`."""

    secret_key: str = setting("SECRET_KEY", secret=True, doc="signs sessions and tokens; the same everywhere")
    database_url: str = setting("IDENTITY_DATABASE_URL", secret=True, doc="PostgreSQL, role ruta_identity")
    public_url: str = setting("RUTA_PUBLIC_URL", doc="where people reach Ruta, e.g. https://ruta.example.org")
    environment: str = setting("RUTA_ENVIRONMENT", default="production", doc="demo or production")
    second_factor: bool | None = setting(
        "IDENTITY_SECOND_FACTOR",
        default=None,
        parse=flag,
        doc="whether coordinators and administrators need a code; default: yes, save in demo",
    )
    trusted_proxies: int = setting(
        "RUTA_TRUSTED_PROXIES",
        default=0,
        parse=int,
        doc="reverse proxies whose X-Forwarded headers to believe",
    )

    oidc_issuer: str = setting(
        "OIDC_ISSUER", default="", doc="OpenID Connect provider to sign in at, e.g. Keycloak"
    )
    oidc_client_id: str = setting("OIDC_CLIENT_ID", default="ruta", doc="what the provider knows Ruta as")
    oidc_client_secret: str = setting(
        "OIDC_CLIENT_SECRET", default="", secret=True, doc="if the provider asks for one"
    )

    @property
    def needs_second_factor(self) -> bool:
        return self.environment != "demo" if self.second_factor is None else self.second_factor
