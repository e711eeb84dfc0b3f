from __future__ import annotations

import pytest

from chassis import particles as chassis_particles


@pytest.fixture(scope="session")
def particles() -> None:
    """Particles are chosen, as in a service."""
    chassis_particles.install()
