#!/usr/bin/env bash
# A signer with bash, openssl and od, as the signer exam asks for it (docs/signer-exam.md): a JSON object in, one out, in
# a line each. OpenSSL draws its nonces at random, so it is not deterministic. The key is kept in a file, which only
# its owner may read, and never in the arguments of a program, which everybody may.
set -u
umask 077
workplace=$(mktemp -d)
trap 'rm -rf "$workplace"' EXIT
key_file=$workplace/key.der
loaded=

# The order n of the group in limbs of 32 bits, the highest first, and half of it.
n=(0xffffffff 0xffffffff 0xffffffff 0xfffffffe 0xbaaedce6 0xaf48a03b 0xbfd25e8c 0xd0364141)
half_n=(0x7fffffff 0xffffffff 0xffffffff 0xffffffff 0x5d576e73 0x57a4501d 0xdfe92f46 0x681b20a0)

write_bytes() { # of hex digits
    local escaped= i
    for ((i = 0; i < ${#1}; i += 2)); do escaped+="\\x${1:i:2}"; done
    printf '%b' "$escaped"
}

read_hex() { # of all bytes of its input
    local dump
    dump=$(od -An -v -tx1)
    printf '%s' "${dump//[[:space:]]/}"
}

field() { # of a flat JSON object: field LINE NAME LENGTH
    [[ $1 =~ \"$2\":\ *\"([0-9a-fA-F]{$3})\" ]] && printf '%s' "${BASH_REMATCH[1]}"
}

load() { # an ECPrivateKey of RFC 5915 on secp256k1, from the hex digits of the key
    [[ $1 == "$loaded" ]] && return
    write_bytes "302e0201010420${1}a00706052b8104000a" >"$key_file"
    loaded=$1
}

public_key() { # the compressed point is the last 33 bytes of a SubjectPublicKeyInfo
    local info
    info=$(openssl ec -inform DER -in "$key_file" -pubout -conv_form compressed -outform DER 2>/dev/null | read_hex)
    ((${#info} >= 66)) && printf '%s' "${info: -66}"
}

above_half() { # whether the number of 64 hex digits is above n/2
    local i limb
    for ((i = 0; i < 8; i++)); do
        limb=$((16#${1:8*i:8}))
        ((limb != half_n[i])) && { ((limb > half_n[i])); return; }
    done
    return 1
}

subtract_from_n() { # n minus the number of 64 hex digits
    local i difference borrow=0 result=
    for ((i = 7; i >= 0; i--)); do
        difference=$((n[i] - 16#${1:8*i:8} - borrow))
        borrow=$((difference < 0))
        printf -v result '%08x%s' $((difference + (borrow << 32))) "$result"
    done
    printf '%s' "$result"
}

integer() { # 64 hex digits: a DER INTEGER without its sign byte, padded on the left
    local padded=0000000000000000000000000000000000000000000000000000000000000000$1
    printf '%s' "${padded: -64}"
}

signature() { # r and s of the digest, from the DER that openssl writes: 30 len 02 len r 02 len s
    local der r s r_digits
    der=$(write_bytes "$1" | openssl pkeyutl -sign -keyform DER -inkey "$key_file" 2>/dev/null | read_hex)
    [[ $der == 30??02* ]] || return
    r_digits=$((2 * 16#${der:6:2}))
    r=$(integer "${der:8:r_digits}")
    s=$(integer "${der:12+r_digits}")
    above_half "$s" && s=$(subtract_from_n "$s")
    printf '%s' "$r$s"
}

answer() { # the answer's fields, without id and braces
    local key digest octets
    if [[ $1 =~ \"op\":\ *\"hello\" ]]; then
        printf '"version": 1, "name": "bash-openssl"'
        return
    fi
    key=$(field "$1" private_key 64) || { printf '"error": "private_key has to be 64 hex digits"'; return; }
    load "$key"
    if [[ $1 =~ \"op\":\ *\"public_key\" ]]; then
        octets=$(public_key) && printf '"public_key": "%s"' "$octets" && return
    elif [[ $1 =~ \"op\":\ *\"sign_digest\" ]]; then
        digest=$(field "$1" digest 64) || { printf '"error": "digest has to be 32 bytes, as 64 hex digits"'; return; }
        octets=$(signature "$digest") && printf '"signature": "%s"' "$octets" && return
    fi
    printf '"error": "openssl did not do it, or there is no such op"'
}

while IFS= read -r line; do
    [[ $line =~ \"id\":\ *([0-9]+) ]] && id=${BASH_REMATCH[1]}
    printf '{"id": %s, ' "$id"
    answer "$line"
    printf '}\n'
done
