"""Wrong about order, time and repetition."""

from __future__ import annotations

from typing import Final

from . import judging as j
from .making import sabotaged, wrong_order
from .stage import rows

ORDER: Final = (
    wrong_order(
        "ModelBeforeAuthorization",
        "order",
        'authorization and one in model it answered 400 "No model',
        "looks at the model before the authorization",
        move="authorization",
        behind="model",
    ),
    wrong_order(
        "SignatureLate",
        "order",
        "signature and one in model-served it answered 404",
        "verifies when the model was found",
        move="signature",
        behind="model-served",
    ),
    wrong_order(
        "TimeFirst",
        "order",
        'account and one in signature it answered 400 "signature is too old"',
        "looks at the time before the signature",
        move="timestamp",
        behind="message-shape",
    ),
    sabotaged(
        "OldSignatureLate",
        "order",
        "signature and one in balance it answered 402",
        "an older node that looks at the balance before the signature",
        profile="v0.2.5",
        change={"rules": rows("v0.2.5", move="signature", behind="balance")},
    ),
    wrong_order(
        "AllowedLate",
        "allow-list",
        '401 "Authorization is required"',
        "looks at the allow-list after the authorization",
        move="provider-allowed",
        behind="model",
    ),
    wrong_order(
        "AllAllowed", "allow-list", "on the list: it answered 404", "no allow-list", without="provider-allowed"
    ),
)

TIME: Final = (
    wrong_order("NoClock", "timestamp", "an hour old: it answered 200", "no look at the time", without="timestamp"),
    sabotaged(
        "OldWords",
        "timestamp",
        "Request timestamp is too old",
        "the words of an older node",
        change={"timestamp_words": "Request timestamp is"},
    ),
    sabotaged(
        "OneMore",
        "window-outside",
        "just over 60 s old .*: it answered 200",
        "a window longer by a nanosecond",
        rules={"timestamp": j.one_nanosecond_more},
    ),
    sabotaged(
        "OneLess",
        "window-inside",
        '60 s old .*: it answered 400 "signature is too old"',
        "equality is outside",
        rules={"timestamp": j.equality_is_outside},
    ),
    sabotaged(
        "TenSeconds",
        "window-inside",
        '60 s old .*: it answered 400 "signature is too old"',
        "the window of a node without parameters",
        rules={"timestamp": j.ten_seconds},
    ),
    sabotaged("AllModels", "unknown-model", "it answered 200", "serves models that there are not", models=None),
)

REPLAYS: Final = (
    wrong_order("NoMemory", "replay", "for the second time: it answered 200", "remembers nothing", without="replay"),
    sabotaged(
        "OldNoMemory",
        "replay",
        "for the second time: it answered 500",
        "an older node that remembers nothing",
        profile="v0.2.9",
        change={"rules": rows("v0.2.9", without="replay")},
    ),
    sabotaged("Forgetful", "replay", "for the second time: it answered 200", "forgets at once", replay=j.Forgetful()),
    sabotaged(
        "BySignature",
        "replay-spelling",
        'other spare bits: it answered 400 "AuthKey',
        "remembers the bytes instead of their text",
        replay=j.BySignature(),
    ),
    wrong_order(
        "RemembersAll",
        "replay-refused",
        'for the second time: it answered 400 "AuthKey',
        "remembers what it refuses",
        move="replay",
        behind="signature",
    ),
)
