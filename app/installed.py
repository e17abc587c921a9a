"""What this installation and this user have: the models, and the language packs."""

from __future__ import annotations

from app.catalog.catalog import Catalog, load_catalog
from app.catalog.languages import Packs, load_languages
from app.paths import Paths


def find_catalog(paths: Paths) -> Catalog:
    """The models that there are. Raises OSError or ValueError when the installation is damaged."""
    return load_catalog(paths.models / "catalog.toml", paths.models / "builtin", paths.user_models)


def find_packs(paths: Paths) -> Packs:
    """The language packs that there are. Raises as `find_catalog`."""
    return load_languages(paths.models / "languages.toml", paths.languages)
