#include "crypto/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/percent.h"

struct bf_sha256 {
    EVP_MD_CTX *ctx;
};

/* Nothing here fails for a reason the caller could act on: it is memory, or a broken OpenSSL. */
static void must(bool ok)
{
    if (!ok) {
        (void)fputs("buzzflow: OpenSSL failed (out of memory?)\n", stderr);
        _Exit(71);
    }
}

static const unsigned char *bytes_of(struct bf_sv data)
{
    return (const unsigned char *)(data.len == 0 ? "" : data.ptr);
}

struct bf_digest bf_sha256(struct bf_sv data)
{
    struct bf_digest out;

    must(EVP_Digest(bytes_of(data), data.len, out.bytes, NULL, EVP_sha256(), NULL) == 1);
    return out;
}

struct bf_digest bf_hmac_sha256(struct bf_sv key, struct bf_sv data)
{
    struct bf_digest out = {0};

    must(key.len <= INT_MAX && HMAC(EVP_sha256(), bytes_of(key), (int)key.len, bytes_of(data),
                                    data.len, out.bytes, NULL) != NULL);
    return out;
}

static void free_ctx(void *ctx)
{
    EVP_MD_CTX_free(ctx);
}

struct bf_sha256 *bf_sha256_begin(struct bf_arena *arena)
{
    struct bf_sha256 *hash = BF_NEW(arena, struct bf_sha256);

    hash->ctx = EVP_MD_CTX_new();
    must(hash->ctx != NULL && EVP_DigestInit_ex(hash->ctx, EVP_sha256(), NULL) == 1);
    bf_arena_defer(arena, free_ctx, hash->ctx);
    return hash;
}

void bf_sha256_add(struct bf_sha256 *hash, struct bf_sv piece)
{
    must(EVP_DigestUpdate(hash->ctx, bytes_of(piece), piece.len) == 1);
}

struct bf_digest bf_sha256_end(struct bf_sha256 *hash)
{
    struct bf_digest out;

    must(EVP_DigestFinal_ex(hash->ctx, out.bytes, NULL) == 1);
    return out;
}

struct bf_sv bf_hex(struct bf_arena *arena, struct bf_sv bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *out = bf_arena_alloc(arena, (bytes.len * 2) + 1, 1);

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char b = (unsigned char)bytes.ptr[i];
        out[2 * i] = digits[b >> 4];
        out[(2 * i) + 1] = digits[b & 15];
    }
    return (struct bf_sv){.ptr = out, .len = bytes.len * 2};
}

struct bf_sv bf_digest_hex(struct bf_arena *arena, const struct bf_digest *digest)
{
    return bf_hex(arena, bf_digest_sv(digest));
}

struct bf_sv bf_sha256_hex(struct bf_arena *arena, struct bf_sv data)
{
    struct bf_digest digest = bf_sha256(data);

    return bf_digest_hex(arena, &digest);
}

bool bf_unhex(struct bf_arena *arena, struct bf_sv text, struct bf_sv *out)
{
    if (text.len % 2 != 0) {
        return false;
    }
    char *bytes = bf_arena_alloc(arena, (text.len / 2) + 1, 1);
    for (size_t i = 0; i < text.len; i += 2) {
        int high = bf_hex_value(text.ptr[i]);
        int low = bf_hex_value(text.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i / 2] = (char)((high << 4) | low);
    }
    *out = (struct bf_sv){.ptr = bytes, .len = text.len / 2};
    return true;
}

bool bf_secret_equal(struct bf_sv a, struct bf_sv b)
{
    return a.len == b.len && CRYPTO_memcmp(bytes_of(a), bytes_of(b), a.len) == 0;
}

void bf_random(void *out, size_t n)
{
    must(n <= INT_MAX && RAND_bytes(out, (int)n) == 1);
}

struct bf_sv bf_random_hex(struct bf_arena *arena, size_t bytes)
{
    char *raw = bf_arena_alloc(arena, bytes + 1, 1);

    bf_random(raw, bytes);
    return bf_hex(arena, (struct bf_sv){.ptr = raw, .len = bytes});
}

struct bf_sv bf_random_uuid(struct bf_arena *arena)
{
    unsigned char b[16];

    bf_random(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4, RFC 9562 5.4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    struct bf_sv hex = bf_hex(arena, (struct bf_sv){.ptr = (const char *)b, .len = sizeof(b)});
    return bf_sv_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.ptr, hex.ptr + 8, hex.ptr + 12,
                        hex.ptr + 16, hex.ptr + 20);
}
