"""Facts on the wire, one frozen dataclass each, and the table of who listens.

Plain Python: no framework, no database. `shared.bus` carries them.
"""

from shared.events.base import Fact
from shared.events.registry import BY_TYPE, SUBSCRIBERS

__all__ = ["BY_TYPE", "SUBSCRIBERS", "Fact"]
