"""Errors that come before anything is sent: settings, keys, plug-ins, payloads, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gonka_core import errors

from .entry import Entry

BEFORE: Final[Mapping[type[errors.GonkaError], Entry]] = {
    errors.GonkaError: Entry(
        ("one of the classes below it, which tells more",),
        ("catch it to catch everything that this library raises on purpose", "print it: its text ends in what to do"),
    ),
    errors.ConfigurationError: Entry(
        (
            "a number, a name or a URL among the arguments or in a variable `GONKA_…` that cannot be",
            "no endpoint is on the list `allowed`",
        ),
        ("correct what the text names; nothing was signed or sent",),
    ),
    errors.InvalidKeyError: Entry(
        (
            "a key that is not 64 hex digits: cut short, an address or a public key in its place",
            "an armored export of `inferenced keys export`, which is encrypted and not hex",
            "a wrong passphrase for a keystore, or a mnemonic with a mistyped word",
        ),
        (
            "look at where the key is read from, which the text names; the key itself it never quotes",
            "`gonka keys show --key-file FILE` tells whose key it is",
            "for an armored export: `inferenced keys export NAME --unarmored-hex --unsafe`",
        ),
    ),
    errors.InvalidAddressError: Entry(
        ("a mistyped or shortened address: its checksum is wrong", "an address of another network, or of a validator"),
        ("copy the address again, from `gonka address` or from `/v1/identity` of the node",),
    ),
    errors.AddressMismatchError: Entry(
        ("`GONKA_ADDRESS` is that of another account than the key's", "a keystore whose address or key was changed"),
        ("leave `GONKA_ADDRESS` out, which follows from the key, or use the key of that account",),
    ),
    errors.InvalidEndpointError: Entry(
        (
            "a URL without `http://` or `https://`, or with a user name, a query or a fragment",
            "an endpoint without `;gonka1…` behind its URL, or without `GONKA_PROVIDER_ADDRESS`",
        ),
        (
            "write `https://host:8000/v1;gonka1…`, with the address that `/v1/identity` of the node tells",
            "or let endpoints be found: `GONKA_SOURCE_URL`",
        ),
    ),
    errors.MissingSettingError: Entry(
        ("`GONKA_PRIVATE_KEY` or the variables for endpoints are not set in this process",),
        ("set the variable that the text names, or give the argument", "`gonka doctor` shows what is there"),
    ),
    errors.PluginError: Entry(
        ("a plug-in that describes or does what it must not", "a selector that chose an endpoint it was not offered"),
        ("`gonka plugins` shows what is installed; tell its author what the text says",),
    ),
    errors.UnknownPluginError: Entry(
        ("a mistyped name", "the package with the plug-in is installed in another environment"),
        ("choose one of the names in the text", "install the package into this environment, then `gonka plugins`"),
    ),
    errors.MissingLibraryError: Entry(
        ("the extra that brings the library was not installed",),
        ("run the `pip install` line in the text", "or take `auto`, which uses what is there"),
    ),
    errors.BrokenPluginError: Entry(
        (
            "a library that was built for another Python or machine",
            "a plug-in for another release; `__cause__` is its own error",
        ),
        ("`gonka plugins` shows the error", "install the plug-in and its library again", "or choose another by name"),
    ),
    errors.UnsupportedModeError: Entry(
        ("the transport `aiohttp`, which is async only, was asked for by `Client`",),
        ("use `AsyncClient`, or one of the transports in the text",),
    ),
    errors.PayloadError: Entry(
        (
            "a key that is no text, a NaN, or an object that JSON does not know",
            '`chat` with `"stream": true`, or `stream` with `"stream": false`',
            "a payload file that cannot be read",
        ),
        ("correct the payload as the text says; nothing was signed or sent",),
    ),
    errors.SigningError: Entry(
        (
            "a signer of one's own that returns DER, a high s, or a recovery byte behind the 64",
            "a remote signer that refused, or does not answer",
        ),
        ("`gonka conformance signer --signer NAME` says what is wrong with it",),
    ),
}
