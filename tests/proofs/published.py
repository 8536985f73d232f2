"""Facts that others published, and that this code has to come to the same conclusions about.

A block of a public development network of Crypto.org Chain of July 2021 with its commit and validator, and two ICS23
proofs of its state, as a transaction of the network beside it carries them (block 11 of `devnet-1`); the same block 11
in the form of CometBFT's RPC; and vectors of CometBFT's and Tendermint's own tests (`TestHeaderHash`,
`TestVoteSignBytesTestVectors`), of its light client (a vote for nothing) and of tendermint-rs (a block that four
validators signed, of `MC4_4_faulty_TestSuccess`).
"""

from __future__ import annotations

from typing import Any

DEVNET_KEY = b"connections/connection-0"
DEVNET_VALUE = bytes.fromhex(
    "0a0f30372d74656e6465726d696e742d3012230a0131120d4f524445525f4f524445524544120f4f524445525f554e4f5244455245441802"
    "22260a0f30372d74656e6465726d696e742d30120c636f6e6e656374696f6e2d301a050a03696263"
)
DEVNET_OPS = (
    "CrcCChhjb25uZWN0aW9ucy9jb25uZWN0aW9uLTASYAoPMDctdGVuZGVybWludC0wEiMKATESDU9SREVSX09SREVSRUQSD09SREVSX1VOT1JERVJFRBgC"
    "IiYKDzA3LXRlbmRlcm1pbnQtMBIMY29ubmVjdGlvbi0wGgUKA2liYxoLCAEYASABKgMAAhIiKQgBEiUCBBQg82rv+J5yJTsqmzR59NDsb2QSM+WLnXIG"
    "6KcNLkM+OkggIikIARIlBAgUID4MsCa4ABOa69QPz6AbX5/lzcJdKUsavb5rnsXVeBlKICIrCAESBAYOFCAaISDTUETUzwU2dxU/8zMto7/LcYNlrxNP"
    "aK70aHoUWiD38SIpCAESJQgUFCAd54gQJQY2sQyko0wVJ2M3tABQQOuK2JsO4oj298eF0iA=",
    "CtABCgNpYmMSIO9Xt0bNlxtiKbf5mRFr3R4xG+Cmnu1OKv3fmS4qqt6qGgkIARgBIAEqAQAiJQgBEiEBRrIPWyoPk3eSgkugPkJ6eniFTnDkezXSqYrL"
    "5TiW+RMiJQgBEiEBl1KrqH1sjOyS3yTLNPL3lg3F8ja437hXXVKcn46IBYoiJQgBEiEBA2drN2mKpNXtAeHGqU4l5O5lmCYcZuPi3QIsCEgAWRQiJwgB"
    "EgEBGiDoep87lCyUyi1uy1zPTDZA35c9Kjvdan4LmDx+wTRkUA==",
)

_NOTHING = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
_CONSENSUS = "048091BC7DDC283F77BFBF91D73C44DA58C3DF8A9CBC867405D8B7F3DAADA22F"

DEVNET_HEADER: dict[str, Any] = {
    "version": {"block": "11"},
    "chain_id": "devnet-2",
    "height": "11",
    "time": "2021-07-04T09:35:10.289904Z",
    "last_block_id": {
        "hash": "50AC16C89BA8F3C77FA60D44D0E86ECFA5555C125D5BE6C2CC2BA750DA918FE7",
        "parts": {"total": 1, "hash": "44236E41AAB58422FEF1205EA54CEDC02954615BC36F3A2A4EDDC02AF9A16EA6"},
    },
    "last_commit_hash": "650F15F47CF48DD1B8219181206AC77ED4E95212FD73C01E9E0D11F19517449F",
    "data_hash": _NOTHING,
    "validators_hash": "3275B04CA9C4CF5F20E5F9B4E1EB6B5C2202B4716DFE068E6CC90FB97CF1BBED",
    "next_validators_hash": "3275B04CA9C4CF5F20E5F9B4E1EB6B5C2202B4716DFE068E6CC90FB97CF1BBED",
    "consensus_hash": _CONSENSUS,
    "app_hash": "F3A1EBCF149042C7EEAC12E26B8715095D009C8FF6E2667F5E9FBE56E2EBF25F",
    "last_results_hash": "A98F88D5B3EB8735F84695DBCB1F2944EBBFD902B292403A028BDAF050550DCC",
    "evidence_hash": _NOTHING,
    "proposer_address": "0BBBEE47989725C8D25C5A7087A782C7F65A5874",
}
DEVNET_HASH = bytes.fromhex("3ACDCCC5E1B4512B6129C9C657DA1426A27382CBA3928B1E6CC2E0166E6CE9C8")
DEVNET_COMMIT: dict[str, Any] = {
    "height": "11",
    "round": 0,
    "block_id": {
        "hash": DEVNET_HASH.hex().upper(),
        "parts": {"total": 1, "hash": "C1163E3A7C4422683456FB5760381255175A7EBAE198B86C960B4B9B37281200"},
    },
    "signatures": [
        {
            "block_id_flag": 2,
            "validator_address": "0BBBEE47989725C8D25C5A7087A782C7F65A5874",
            "timestamp": "2021-07-04T09:35:15.402428Z",
            "signature": "yvcidAIUVv9upxFAuPX0isad4kMG1DEB20MXjjtI6CiFdLbSkDq84gx75XGqusCKAb9+A8yf20icQtE1DaNMAw==",
        }
    ],
}
DEVNET_VALIDATORS: list[dict[str, Any]] = [
    {
        "address": "0BBBEE47989725C8D25C5A7087A782C7F65A5874",
        "pub_key": {"type": "tendermint/PubKeyEd25519", "value": "6GyT5yKSAYt/H3nBatMIivYl4v0xBHZud5X1MyaGIvM="},
        "voting_power": "10000000000",
        "proposer_priority": "0",
    }
]

RPC_HASH = bytes.fromhex("C01D2D375F17BB5971F8AD477D0A883F268C4B73685B6866679B7CAD298D7DB7")
RPC_HEADER: dict[str, Any] = {
    "version": {"block": "11"},
    "chain_id": "devnet-1",
    "height": "11",
    "time": "2021-07-04T09:35:10.510195Z",
    "last_block_id": {
        "hash": "D3E3E37E7C42F96FC609EB2C6918EA34775F14606E4F9C115681FA6924B85A0C",
        "parts": {"total": 1, "hash": "EB5292ACFCF47BD9F544A81BB877B81DFA22428E320161DF5F0FE6C2E2C3DEA1"},
    },
    "last_commit_hash": "5B8F17E19F62E4ED884EF6CA99D0E9F42F6015A2CB9184A90719EECED2149AC2",
    "data_hash": "FC2290C446B154827BB50491D9D37488DA829975D0753E52C1F409F5683741CD",
    "validators_hash": "C3BE664CFB455C44053CDFDFB7DE2A6483B6C196245455BF453D3878C580934B",
    "next_validators_hash": "C3BE664CFB455C44053CDFDFB7DE2A6483B6C196245455BF453D3878C580934B",
    "consensus_hash": _CONSENSUS,
    "app_hash": "060D1874639EA57BE297193BE17ECBD2A687A8A15199B7DB626F6D33819A50B5",
    "last_results_hash": _NOTHING,
    "evidence_hash": _NOTHING,
    "proposer_address": "FDB7CAC90633FDEC2964A941CC815B5A3B84F0F5",
}
RPC_LAST_COMMIT: dict[str, Any] = {
    "height": "10",
    "round": 0,
    "block_id": RPC_HEADER["last_block_id"],
    "signatures": [
        {
            "block_id_flag": 2,
            "validator_address": "FDB7CAC90633FDEC2964A941CC815B5A3B84F0F5",
            "timestamp": "2021-07-04T09:35:10.510195Z",
            "signature": "2fsZovkCWovi7jorK5LlMr4xoh/etxpayuiboqAlLWe7aQ5ruELn3SEhrUIE9z+Kmp9aw6i+2TPmLi58Uk1bAw==",
        }
    ],
}

NIL_VOTE: dict[str, Any] = {
    "block_id_flag": 3,
    "validator_address": "01F527D77D3FFCC4FCFF2DDC2952EEA5414F2A33",
    "timestamp": "2019-11-02T15:04:15Z",
    "signature": "SMBYJYr7yHbqmScg7jUhSGyis/gOMvwkO4mlEmKt9NKJ+aZgETFgIIFnExCju0VidMyy9mUwMQ/b+EoVL1NwAQ==",
}
"""For nothing, at height 2 in round 1 of `test-chain-01`."""
NIL_KEY = "OAaNq3DX/15fGJP2MI6bujt1GRpvjwrqIevChirJsbc="

_FOUR_SET = "5A69ACB73672274A2C020C7FAE539B2086D30F3B7E5B168A8031A21931FCA07D"
_FOUR_HASH = "533DE06C9907E5E41EF18C68E28B04BF8F16D35EA053EE413ACE9A9F3A106B32"
_FOUR = (
    (
        "0616A636E7D0579A632EC37ED3C3F2B7E8522A0A",
        "kwd8trZ8t5ASwgUbBEAnDq49nRRrrKvt2onhS4JSfQM=",
        "BwKig3Giy91zDlZ5BSa67+E0EV1K4q6At2piQgg1h48odVOAjEiC4Tt772ologMWt0gdjYzeYtYR15OKtza1Ag==",
    ),
    (
        "6AE5C701F508EB5B63343858E068C5843F28105F",
        "GQEC/HB4sDBAVhHtUzyv4yct9ZGnudaP209QQBSTfSQ=",
        "EYx9XdH96HYFIJtaddpFF+u/1GBwE1A3/Ds2e5BGHnti62RBwgsdIWe3denuQxgYNPnIymqvrCiBAGEEtYJHBg==",
    ),
    (
        "81D85BE9567F7069A4760C663062E66660DADF34",
        "Lk4zm2cJO4FpzXFF9WUV9NzOLfr5jV+ps7EhwUDKlZM=",
        "QctMtMK8Zes6OspVTkVvKtwWix70IAp0okAi4zJjV981FEnOuK2j8Fd0WQNHHDyqFX7uGTVL5L7JqbBfLuvBAA==",
    ),
    (
        "C479DB6F37AB9757035CFBE10B687E27668EE7DF",
        "3wf60CidQcsIO7TksXzEZsJefMUFF73k6nP1YeEo9to=",
        "yWtJtDMH9NOtAeRqomUYDa23BePOZ+y7FNiAxWZ9a8iYUOOxUU3CoCqxfRm6wpJWW2QUwBicQs7ntnU3z7cpBg==",
    ),
)
FOUR_HEADER: dict[str, Any] = {
    "version": {"block": "11", "app": "0"},
    "chain_id": "test-chain",
    "height": "1",
    "time": "1970-01-01T00:00:01Z",
    "last_block_id": {"hash": "", "parts": {"total": 0, "hash": ""}},
    "last_commit_hash": "",
    "data_hash": "",
    "validators_hash": _FOUR_SET,
    "next_validators_hash": "75E6DD63C2DC2B58FE0ED82792EAB369C4308C7EC16B69446382CC4B41D46068",
    "consensus_hash": _FOUR_SET,
    "app_hash": "00" * 32,  # theirs is empty, which no header of this network has: taken out by the test
    "last_results_hash": "",
    "evidence_hash": "",
    "proposer_address": "0616A636E7D0579A632EC37ED3C3F2B7E8522A0A",
}
FOUR_COMMIT: dict[str, Any] = {
    "height": "1",
    "round": 1,
    "block_id": {"hash": _FOUR_HASH, "part_set_header": {"total": 1, "hash": _FOUR_HASH}},
    "signatures": [
        {
            "block_id_flag": 2,
            "validator_address": address,
            "timestamp": "1970-01-01T00:00:01Z",
            "signature": signature,
        }
        for address, _, signature in _FOUR
    ],
}
FOUR_VALIDATORS: list[dict[str, Any]] = [
    {"address": address, "pub_key": {"type": "tendermint/PubKeyEd25519", "value": key}, "voting_power": "50"}
    for address, key, _ in _FOUR
]

COMET_HEADER_HASH = "F740121F553B5418C3EFBD343C2DBFE9E007BB67B0D020A0741374BAB65242A4"
VOTE_HEIGHT_AND_ROUND = bytes.fromhex(
    "21 08 02 11 0100000000000000 19 0100000000000000 2a 0b 08 8092b8c398feffffff01"  # length, precommit, height, …
)
VOTE_EMPTY = bytes.fromhex("0d 2a 0b 08 8092b8c398feffffff01")
