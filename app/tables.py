"""Every table of Hilo, imported once so that migrations, verification and tests see all of them."""

import importlib
from types import ModuleType

#: Modules that declare tables, in the order of the rooms.
MODULES = (
    "app.evidence.models",
    "app.access.models",
    "app.evidence.files",
    "app.concerns.models",
    "app.paper.models",
    "app.donors.models",
    "app.materials.models",
    "app.lots.models",
    "app.quality.models",
    "app.labeling.models",
    "app.custody.models",
    "app.custody.shipment_models",
    "app.recipients.models",
    "app.antibodies.models",
    "app.cytometry.models",
    "app.orders.models",
    "app.bedside.models",
    "app.followup.models",
    "app.backup.models",
    "app.home.models",
)


def load() -> list[ModuleType]:
    """Import every module that declares tables."""
    return [importlib.import_module(name) for name in MODULES]
