"""The protobuf messages that are proven, hashed and signed, made from the table below when the module is imported.

Sources: ICS23 (`cosmos/ics23/v1/proofs.proto`), the network's own records (`protocol.md` §7.1), and the records of
CometBFT 0.38 that its header, validators and votes are hashed and signed as. Enumerations are written as int32, which
is the same on the wire. Of the other kinds of ICS23 proof only the presence matters: they stay bytes.

Decoding is strict. Bytes that this table does not account for to the last one, or that could be written otherwise, are
refused: a proof is about one text, so that text has one encoding here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_PACKAGE: Final = "gonka_core.proofs"

_TABLE: Final[Mapping[str, str]] = {
    # ICS23
    "CommitmentProof": "1 ExistenceProof exist, 2 bytes nonexist, 3 bytes batch, 4 bytes compressed",
    "ExistenceProof": "1 bytes key, 2 bytes value, 3 LeafOp leaf, 4 InnerOp* path",
    "LeafOp": "1 int32 hash, 2 int32 prehash_key, 3 int32 prehash_value, 4 int32 length, 5 bytes prefix",
    "InnerOp": "1 int32 hash, 2 bytes prefix, 3 bytes suffix",
    # The participants of an epoch
    "ActiveParticipants": (
        "1 ActiveParticipant* participants, 2 uint64 epoch_group_id, 3 int64 poc_start_block_height,"
        " 4 int64 effective_block_height, 5 int64 created_at_block_height, 6 uint64 epoch_id"
    ),
    "ActiveParticipant": (
        "1 string index, 2 string validator_key, 3 int64 weight, 4 string inference_url, 5 string* models,"
        " 6 RandomSeed seed, 7 ModelMLNodes* ml_nodes, 8 ModelVotingPower* voting_powers"
    ),
    "RandomSeed": "1 string participant, 2 uint64 epoch_index, 3 string signature",
    "ModelMLNodes": "1 MLNodeInfo* ml_nodes",
    "MLNodeInfo": "1 string node_id, 2 int64 throughput, 3 int64 poc_weight, 4 bool* timeslot_allocation",
    "ModelVotingPower": "1 string model_id, 2 int64 voting_power",
    # Headers
    "Consensus": "1 uint64 block, 2 uint64 app",
    "Timestamp": "1 int64 seconds, 2 int32 nanos",
    "BlockID": "1 bytes hash, 2 PartSetHeader part_set_header",
    "PartSetHeader": "1 uint32 total, 2 bytes hash",
    "StringValue": "1 string value",
    "Int64Value": "1 int64 value",
    "BytesValue": "1 bytes value",
    # Validators
    "SimpleValidator": "1 PublicKey pub_key, 2 int64 voting_power",
    "PublicKey": "1 bytes ed25519",
    # Votes
    "CommitSig": "1 int32 block_id_flag, 2 bytes validator_address, 3 Timestamp timestamp, 4 bytes signature",
    "CanonicalVote": (
        "1 int32 type, 2 sfixed64 height, 3 sfixed64 round, 4 BlockID block_id, 5 Timestamp timestamp,"
        " 6 string chain_id"
    ),
}
"""Message -> `number type name`, with `*` behind the type of a repeated field. CanonicalBlockID is as BlockID."""

_ONE_OF: Final = {"CommitmentProof": "proof"}
"""Messages of which one field only can be there, and the name of that choice."""

_Field = descriptor_pb2.FieldDescriptorProto


class MalformedError(ValueError):
    """Bytes that are no message of the kind asked for, or not in the one way to write it."""


def decode(kind: Any, data: bytes) -> Any:
    """The message of a class below in its bytes, if they are its one encoding. Raises `MalformedError`."""
    message = parse(kind, data)
    require_usual(message, data)
    return message


def parse(kind: Any, data: bytes) -> Any:
    """The message of a class below in its bytes, in whatever encoding: `require_usual` has to follow."""
    message = kind()
    try:
        message.ParseFromString(data)
    except (DecodeError, UnicodeDecodeError):
        raise MalformedError(f"not a {kind.DESCRIPTOR.name}") from None
    return message


def require_usual(message: Any, data: bytes) -> None:
    """Raise `MalformedError` unless the bytes are the one encoding of the message, without unknown fields."""
    message.DiscardUnknownFields()
    if encode(message) != data:
        name = message.DESCRIPTOR.name
        raise MalformedError(f"a {name} with unknown fields, or not encoded in the usual way")


def encode(message: Any) -> bytes:
    """Its bytes: fields by number, defaults left out."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data


def timestamp(time_ns: int) -> Any:
    """A `Timestamp` for nanoseconds since the epoch."""
    seconds, nanos = divmod(time_ns, 10**9)
    return Timestamp(seconds=seconds, nanos=nanos)


def _classes() -> Mapping[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name=f"{_PACKAGE}.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _TABLE.items():
        _add_message(file, name, fields)
    pool = descriptor_pool.DescriptorPool()  # of our own: nothing here meets what a program registers elsewhere
    pool.AddSerializedFile(file.SerializeToString())
    named = {name: pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in _TABLE}
    return {name: message_factory.GetMessageClass(descriptor) for name, descriptor in named.items()}


def _add_message(file: descriptor_pb2.FileDescriptorProto, name: str, fields: str) -> None:
    message = file.message_type.add(name=name)
    if name in _ONE_OF:
        message.oneof_decl.add(name=_ONE_OF[name])
    for described in fields.split(","):
        number, kind, field_name = described.split()
        field = message.field.add(name=field_name, number=int(number), label=_Field.LABEL_OPTIONAL)
        if kind.endswith("*"):
            field.label = _Field.LABEL_REPEATED
        if name in _ONE_OF:
            field.oneof_index = 0
        _set_type(field, kind.rstrip("*"))


def _set_type(field: descriptor_pb2.FieldDescriptorProto, kind: str) -> None:
    if kind in _TABLE:
        field.type = _Field.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{kind}"
    else:
        field.type = _Field.Type.Value(f"TYPE_{kind.upper()}")


_made: Final = _classes()

CommitmentProof: Final = _made["CommitmentProof"]
ActiveParticipants: Final = _made["ActiveParticipants"]
Consensus: Final = _made["Consensus"]
Timestamp: Final = _made["Timestamp"]
BlockID: Final = _made["BlockID"]
PartSetHeader: Final = _made["PartSetHeader"]
StringValue: Final = _made["StringValue"]
Int64Value: Final = _made["Int64Value"]
BytesValue: Final = _made["BytesValue"]
SimpleValidator: Final = _made["SimpleValidator"]
PublicKey: Final = _made["PublicKey"]
CommitSig: Final = _made["CommitSig"]
CanonicalVote: Final = _made["CanonicalVote"]
