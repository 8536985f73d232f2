"""Learning who takes part in the network, and how far that is proven (`protocol.md` §6.6, §7)."""

from .records import LEVELS, Discovered, Level, Network, Participant

__all__ = ["LEVELS", "Discovered", "Level", "Network", "Participant"]
