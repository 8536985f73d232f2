/* The whole of a signature in C: payload, timestamp and address become the value of Authorization.
 *
 * The functions of libsecp256k1 and of libcrypto come as pointers out of the process that loads this, so that it is
 * compiled without the headers of either. What is signed is told in gonka_core/canonical.py.
 */

#include <stddef.h>
#include <stdint.h>

enum { DIGEST = 32, SIGNATURE = 64, DIGITS = 19 };

typedef struct {
    uint64_t state[32]; /* SHA256_CTX is 112 bytes; the rest is room */
} sha256_state;

typedef struct {
    unsigned char data[SIGNATURE];
} ecdsa_signature;

struct limit {
    int (*sha256_init)(sha256_state *);
    int (*sha256_update)(sha256_state *, const void *, size_t);
    int (*sha256_final)(unsigned char *, sha256_state *);
    int (*ecdsa_sign)(const void *context, ecdsa_signature *, const unsigned char *digest, const unsigned char *secret,
                      const void *nonce_function, const void *nonce_data);
    int (*serialize_compact)(const void *context, unsigned char *, const ecdsa_signature *);
    const void *context;
    const unsigned char *secret;
};

/* Decimal text, left out where it is not above zero. Returns its length. */
static size_t decimal(char *out, int64_t number)
{
    char backwards[DIGITS];
    size_t length = 0;
    for (; number > 0; number /= 10)
        backwards[length++] = (char)('0' + number % 10);
    for (size_t i = 0; i < length; i++)
        out[i] = backwards[length - 1 - i];
    return length;
}

static void hexadecimal(char *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
}

/* 64 bytes in standard base64: 88 characters, two of them padding. */
static void base64(char *out, const unsigned char *in)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < SIGNATURE - 1; i += 3) {
        *out++ = letters[in[i] >> 2];
        *out++ = letters[(in[i] & 3) << 4 | in[i + 1] >> 4];
        *out++ = letters[(in[i + 1] & 15) << 2 | in[i + 2] >> 6];
        *out++ = letters[in[i + 2] & 63];
    }
    *out++ = letters[in[SIGNATURE - 1] >> 2];
    *out++ = letters[(in[SIGNATURE - 1] & 3) << 4];
    *out++ = '=';
    *out++ = '=';
}

static void hash_body(const struct limit *limit, sha256_state *running, int hashed, const void *payload, size_t length)
{
    unsigned char digest[DIGEST];
    char hex[2 * DIGEST];
    limit->sha256_init(running);
    limit->sha256_update(running, payload, length);
    if (!hashed)
        return;
    limit->sha256_final(digest, running);
    hexadecimal(hex, digest, DIGEST);
    limit->sha256_init(running);
    limit->sha256_update(running, hex, sizeof hex);
}

static int sign(const struct limit *limit, int hashed, const void *payload, size_t payload_length, int64_t timestamp_ns,
                const char *address, size_t address_length, char *out)
{
    sha256_state running;
    unsigned char digest[DIGEST], compact[SIGNATURE];
    ecdsa_signature signature;
    char stamp[DIGITS];
    hash_body(limit, &running, hashed, payload, payload_length);
    limit->sha256_update(&running, stamp, decimal(stamp, timestamp_ns));
    limit->sha256_update(&running, address, address_length);
    limit->sha256_final(digest, &running);
    /* No nonce function is named: libsecp256k1 then takes RFC 6979, and the signature has the low s. */
    if (!limit->ecdsa_sign(limit->context, &signature, digest, limit->secret, NULL, NULL))
        return 0;
    limit->serialize_compact(limit->context, compact, &signature);
    base64(out, compact);
    return 1;
}

/* Sign `times` times, each a nanosecond after the one before. `out` gets the last signature, 88 characters without a
 * zero behind them. Returns how many signatures were made.
 */
size_t gonka_sign(const struct limit *limit, int hashed, const void *payload, size_t payload_length,
                  int64_t timestamp_ns, const char *address, size_t address_length, size_t times, char *out)
{
    for (size_t i = 0; i < times; i++)
        if (!sign(limit, hashed, payload, payload_length, timestamp_ns + (int64_t)i, address, address_length, out))
            return i;
    return times;
}
