"""`ruta seed`: the sample directory and the sample sign-ins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from deploy.local import seed as sample
from deploy.local.embedded import credentials
from deploy.local.environment import settings_for
from deploy.local.options import data_option
from deploy.local.terminal import either, say
from shared.clock import utc_now
from shared.database import make_engine


@click.command()
@data_option
def seed(data: Path) -> None:
    """Carga el directorio y las cuentas de ejemplo. / Load the sample directory and accounts."""
    with settings_for(data) as settings:
        if settings.get("RUTA_ENVIRONMENT") != "demo":
            raise click.ClickException(
                either(
                    "Los datos de ejemplo son solo para RUTA_ENVIRONMENT=demo.",
                    "The sample data is for RUTA_ENVIRONMENT=demo alone.",
                )
            )
        loaded = load(settings, password_of(data))
    say(
        f"{loaded.organizations} organizaciones, {loaded.services} servicios y {loaded.accounts} cuentas "
        f"(contraseña: {password_of(data)}).",
        f"{loaded.organizations} organizations, {loaded.services} services and {loaded.accounts} accounts "
        f"(password: {password_of(data)}).",
    )


def load(settings: Mapping[str, str], password: str) -> sample.Seeded:
    """Load the samples into the databases of `settings`. Safe to repeat."""
    identity = make_engine(settings["IDENTITY_DATABASE_URL"], pool_size=1, application="ruta seed")
    referral = make_engine(settings["REFERRAL_DATABASE_URL"], pool_size=1, application="ruta seed")
    try:
        with identity.begin() as accounts, referral.begin() as directory:
            return sample.seed(accounts, directory, password=password, now=utc_now())
    finally:
        identity.dispose()
        referral.dispose()


def password_of(data: Path) -> str:
    """The password of all sample accounts of a data folder."""
    return credentials.read(data / "secrets.env")["DEMO_PASSWORD"]
