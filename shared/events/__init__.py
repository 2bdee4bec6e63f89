"""Facts on the wire, one frozen dataclass each, and the table of who listens.

Plain Python: no framework, no database. `shared.bus` carries them.
"""

from shared.events.base import LAST, LAST_URGENT, Fact
from shared.events.registry import BY_TYPE, SUBSCRIBERS

__all__ = ["BY_TYPE", "LAST", "LAST_URGENT", "SUBSCRIBERS", "Fact"]
