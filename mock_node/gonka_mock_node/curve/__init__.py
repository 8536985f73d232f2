"""secp256k1 as a node needs it: by libsecp256k1 where coincurve is installed, by python-ecdsa everywhere else.

Neither is a signer of this library, so that a mistake there cannot agree with itself here. Both say the same of every
input; what differs is time: a verification takes 25 µs or 1.4 ms.
"""

from .chosen import CURVE, is_point
from .key_pair import KeyPair
from .numbers import FIELD, ORDER
from .ways import Curve, Recovery

__all__ = ["CURVE", "FIELD", "ORDER", "Curve", "KeyPair", "Recovery", "is_point"]
