#ifndef BF_CRYPTO_CRYPTO_H
#define BF_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * SHA-256, HMAC-SHA256, hex, base64 and a comparison that does not tell by its
 * time. On top of OpenSSL's EVP interface; nothing else includes OpenSSL. None
 * of these can fail but for memory, and then the process ends with status 71.
 */
enum { BF_SHA256_SIZE = 32 };

struct bf_digest {
    unsigned char bytes[BF_SHA256_SIZE];
};

struct bf_digest bf_sha256(struct bf_sv data);
struct bf_digest bf_hmac_sha256(struct bf_sv key, struct bf_sv data);

/** SHA-256 of text that comes in pieces. Lives in the arena until its reset. */
struct bf_sha256;
struct bf_sha256 *bf_sha256_begin(struct bf_arena *arena);
void bf_sha256_add(struct bf_sha256 *hash, struct bf_sv piece);
/** Once; no bf_sha256_add after it. */
struct bf_digest bf_sha256_end(struct bf_sha256 *hash);

/** Lower-case hex, in the arena. */
struct bf_sv bf_hex(struct bf_arena *arena, struct bf_sv bytes);
struct bf_sv bf_digest_hex(struct bf_arena *arena, const struct bf_digest *digest);
/** bf_digest_hex(bf_sha256(data)): 64 characters. */
struct bf_sv bf_sha256_hex(struct bf_arena *arena, struct bf_sv data);

/** The bytes of a digest as a view; valid as long as ${digest}. */
static inline struct bf_sv bf_digest_sv(const struct bf_digest *digest)
{
    return (struct bf_sv){.ptr = (const char *)digest->bytes, .len = BF_SHA256_SIZE};
}

/** Hex of either case, an even number of digits; false, and *out alone, for anything else. */
BF_NODISCARD bool bf_unhex(struct bf_arena *arena, struct bf_sv text, struct bf_sv *out);

/** RFC 4648 section 4, with padding, without line breaks. */
struct bf_sv bf_base64(struct bf_arena *arena, struct bf_sv bytes);

/**
 * Strict: the alphabet of RFC 4648 section 4, padded to a multiple of 4, no
 * blanks, no line breaks, unused bits zero. BF_ESYNTAX names the offending byte.
 */
BF_NODISCARD enum bf_code bf_base64_decode(struct bf_arena *arena, struct bf_sv text,
                                           struct bf_sv *out, struct bf_err *err);

/** Equal? Takes the same time for every content of the same length. */
bool bf_secret_equal(struct bf_sv a, struct bf_sv b);

/** ${n} bytes of the operating system's randomness. */
void bf_random(void *out, size_t n);

/** 2 * ${bytes} random hex digits, in the arena. */
struct bf_sv bf_random_hex(struct bf_arena *arena, size_t bytes);

/** A random (version 4) UUID in its 36-character form, in the arena. */
struct bf_sv bf_random_uuid(struct bf_arena *arena);

#endif /* BF_CRYPTO_CRYPTO_H */
