"""The chain's own REST and RPC, where a node's proxy lets them through (`protocol.md` §6.7)."""

from __future__ import annotations

from typing import Any, Final

from gonka_core.errors import InvalidAddressError
from gonka_mock_node.chain import Account, Chain
from gonka_mock_node.chain.block_json import base64_of, sdk_id, sdk_json
from gonka_mock_node.chain.blocks import CHAIN_ID, Block, make_block, validators_of
from gonka_mock_node.chain.proofs import prove
from gonka_mock_node.chain.timestamps import rfc3339_nano
from gonka_mock_node.reply import Reply, json_reply, whole

from .chain_params import params
from .routing import Ask

_CODES: Final = {
    "InvalidArgument": (3, 400),
    "NotFound": (5, 404),
    "Unimplemented": (12, 501),
    "Unavailable": (14, 503),
}
_BAD_GATEWAY: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def chain_params(ask: Ask) -> Reply:
    if "params" in ask.chain.outages:
        return _unavailable()
    return json_reply(200, {"params": params(ask.chain.params)})


def price(ask: Ask) -> Reply:
    """The number that the escrow of a request is reckoned with."""
    if "price" in ask.chain.outages:
        return _unavailable()
    model = ask.parameters["model"]
    found = ask.chain.serves(model)
    return json_reply(200, {"price": str(ask.chain.price_of(model)) if found else "0", "found": found})


def prices(ask: Ask) -> Reply:
    if "price" in ask.chain.outages:
        return _unavailable()
    listed = [{"model_id": name, "price": str(ask.chain.price_of(name))} for name in ask.chain.model_names()]
    return json_reply(200, {"model_prices": listed})


def account(ask: Ask) -> Reply:
    """An account; its public key is null until it is published."""
    if "accounts" in ask.chain.outages:
        return _unavailable()
    address = ask.parameters["address"]
    try:
        found = ask.chain.account(address)
    except InvalidAddressError:
        return _error("InvalidArgument", "decoding bech32 failed: invalid address")
    if found is None:
        return _error("NotFound", f"rpc error: code = NotFound desc = account {address} not found: key not found")
    return json_reply(200, {"account": _account(ask.chain, found)})


def balances(ask: Ask) -> Reply:
    """Coins of an account, one kind at most; an account that is not there has none."""
    if "accounts" in ask.chain.outages:
        return _unavailable()
    try:
        found = ask.chain.account(ask.parameters["address"])
    except InvalidAddressError:
        return _error("InvalidArgument", "invalid address: decoding bech32 failed: invalid address")
    coins = [{"denom": "ngonka", "amount": str(found.balance)}] if found is not None and found.balance else []
    return json_reply(200, {"balances": coins, "pagination": {"next_key": None, "total": str(len(coins))}})


def latest_block(ask: Ask) -> Reply:
    if "status" in ask.chain.outages:
        return _unavailable()
    block = _latest(ask.chain)
    shown = sdk_json(block)
    return json_reply(200, {"block_id": sdk_id(block.id), "block": shown, "sdk_block": shown})


def not_implemented(_ask: Ask) -> Reply:
    """What the REST gateway says to every other path."""
    return _error("Unimplemented", "Not Implemented")


def rpc_status(ask: Ask) -> Reply:
    """CometBFT's status: the time of the latest block to the nanosecond."""
    if "node-status" in ask.chain.outages:
        return whole(502, _BAD_GATEWAY, "text/html")
    block = _latest(ask.chain)
    result = {
        "node_info": {"network": CHAIN_ID, "moniker": ask.node.provider_address, "version": "0.38.17"},
        "sync_info": {
            "latest_block_hash": block.id.hash.hex().upper(),
            "latest_app_hash": block.header.app_hash.hex().upper(),
            "latest_block_height": str(block.header.height),
            "latest_block_time": rfc3339_nano(block.header.time_ns),
            "catching_up": False,
        },
        "validator_info": {"address": block.header.proposer.hex().upper(), "voting_power": "0"},
    }
    return json_reply(200, {"jsonrpc": "2.0", "id": -1, "result": result})


def no_such_method(_ask: Ask) -> Reply:
    """What CometBFT says to every other path."""
    return whole(404, b"404 page not found\n", "text/plain; charset=utf-8")


def _latest(chain: Chain) -> Block:
    latest, epoch = chain.clock.latest, chain.current
    app_hash = prove(dict(chain.epochs), epoch.number).app_hash
    return make_block(latest.height, latest.time_ns, latest.interval_ns, validators_of(epoch), app_hash)


def _account(chain: Chain, found: Account) -> dict[str, Any]:
    key = found.public_key
    public_key = None if key is None else {"@type": "/cosmos.crypto.secp256k1.PubKey", "key": base64_of(key)}
    number = [each.address for each in chain.accounts()].index(found.address)
    return {
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        "address": found.address,
        "pub_key": public_key,
        "account_number": str(number),
        "sequence": "0" if key is None else "1",
    }


def _unavailable() -> Reply:
    return _error("Unavailable", "connection error: desc = error reading server preface: EOF")


def _error(name: str, text: str) -> Reply:
    code, status = _CODES[name]
    return json_reply(status, {"code": code, "message": text, "details": []})
