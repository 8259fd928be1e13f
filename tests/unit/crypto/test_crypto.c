#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/crypto.h"

static struct bf_arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = bf_arena_new(16U << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bf_arena_destroy(&arena);
    return 0;
}

#define assert_sv(sv, z)                                                                           \
    do {                                                                                           \
        struct bf_sv got_ = (sv);                                                                  \
        assert_true(got_.ptr != NULL);                                                             \
        assert_string_equal(bf_sv_z(arena, got_), z);                                              \
    } while (0)

/* FIPS 180-2 appendix B */
static void sha256_of_the_published_examples(void **state)
{
    (void)state;
    assert_sv(bf_sha256_hex(arena, (struct bf_sv){0}),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_sv(bf_sha256_hex(arena, BF_SV("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_sv(
        bf_sha256_hex(arena, BF_SV("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void sha256_in_pieces_is_the_same_as_at_once(void **state)
{
    struct bf_sv text = BF_SV("the quick brown fox jumps over the lazy dog, again and again");
    (void)state;

    for (size_t cut = 0; cut <= text.len; cut++) {
        struct bf_sha256 *hash = bf_sha256_begin(arena);
        bf_sha256_add(hash, bf_sv_slice(text, 0, cut));
        bf_sha256_add(hash, bf_sv_from(text, cut));
        struct bf_digest pieces = bf_sha256_end(hash);
        struct bf_digest whole = bf_sha256(text);
        assert_memory_equal(pieces.bytes, whole.bytes, BF_SHA256_SIZE);
    }
}

/* RFC 4231, test cases 1, 2 and 6 (a key longer than a block) */
static void hmac_of_the_published_examples(void **state)
{
    char key[131];
    (void)state;

    memset(key, 0x0b, 20);
    struct bf_digest d = bf_hmac_sha256((struct bf_sv){key, 20}, BF_SV("Hi There"));
    assert_sv(bf_digest_hex(arena, &d),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    d = bf_hmac_sha256(BF_SV("Jefe"), BF_SV("what do ya want for nothing?"));
    assert_sv(bf_digest_hex(arena, &d),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    d = bf_hmac_sha256((struct bf_sv){key, sizeof(key)},
                       BF_SV("Test Using Larger Than Block-Size Key - Hash Key First"));
    assert_sv(bf_digest_hex(arena, &d),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void an_empty_key_and_an_empty_text_have_an_hmac(void **state)
{
    (void)state;
    struct bf_digest d = bf_hmac_sha256((struct bf_sv){0}, (struct bf_sv){0});
    assert_sv(bf_digest_hex(arena, &d),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* RFC 4648 section 10 */
static void base64_of_the_published_examples(void **state)
{
    static const struct {
        const char *plain, *coded;
    } pairs[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"}};
    (void)state;

    for (size_t i = 0; i < BF_COUNTOF(pairs); i++) {
        struct bf_sv back = {0};
        struct bf_err err = {0};
        assert_sv(bf_base64(arena, bf_sv_of(pairs[i].plain)), pairs[i].coded);
        assert_int_equal(bf_base64_decode(arena, bf_sv_of(pairs[i].coded), &back, &err), BF_OK);
        assert_true(bf_sv_is(back, pairs[i].plain));
    }
}

static void every_byte_survives_base64_and_hex(void **state)
{
    char bytes[256];
    struct bf_err err = {0};
    (void)state;

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)i;
    }
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        struct bf_sv all = {bytes, len};
        struct bf_sv back = {0};
        assert_int_equal(bf_base64_decode(arena, bf_base64(arena, all), &back, &err), BF_OK);
        assert_true(bf_sv_eq(back, all));
        assert_true(bf_unhex(arena, bf_hex(arena, all), &back));
        assert_true(bf_sv_eq(back, all));
    }
}

static void base64_that_is_not_strict_is_refused(void **state)
{
    static const char *const bad[] = {"Z",    "Zg",   "Zg=",      "Zg===",     "=",       "====",
                                      "Zh==", "Zm9=", "Zm 9v",    "Zm9v\n",    "Zm9v ==", "Zm-_",
                                      "Z=g=", "=Zg=", "Zg==Zg==", "\xc3\xa9Zg"};
    (void)state;

    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        struct bf_sv out = BF_SV("untouched");
        struct bf_err err = {0};
        if (bf_base64_decode(arena, bf_sv_of(bad[i]), &out, &err) != BF_ESYNTAX) {
            fail_msg("'%s' was taken", bad[i]);
        }
        assert_true(bf_sv_is(out, "untouched"));
        assert_true(err.msg[0] != '\0');
    }
}

static void hex_of_another_form_is_refused(void **state)
{
    struct bf_sv out = BF_SV("untouched");
    (void)state;

    assert_false(bf_unhex(arena, BF_SV("a"), &out));
    assert_false(bf_unhex(arena, BF_SV("0g"), &out));
    assert_false(bf_unhex(arena, BF_SV(" 0"), &out));
    assert_true(bf_sv_is(out, "untouched"));
    assert_true(bf_unhex(arena, BF_SV("aAfF"), &out));
    assert_true(bf_sv_eq(out, BF_SV("\xaa\xff")));
}

static void secrets_are_equal_only_when_all_of_them_is(void **state)
{
    (void)state;
    assert_true(bf_secret_equal(BF_SV("abc"), BF_SV("abc")));
    assert_true(bf_secret_equal((struct bf_sv){0}, BF_SV("")));
    assert_false(bf_secret_equal(BF_SV("abc"), BF_SV("abd")));
    assert_false(bf_secret_equal(BF_SV("abc"), BF_SV("ab")));
    assert_false(bf_secret_equal(BF_SV("abc"), (struct bf_sv){0}));
}

static void random_texts_differ_and_have_their_form(void **state)
{
    (void)state;
    struct bf_sv a = bf_random_hex(arena, 16);
    struct bf_sv b = bf_random_hex(arena, 16);
    struct bf_sv uuid = bf_random_uuid(arena);
    assert_int_equal(a.len, 32);
    assert_false(bf_sv_eq(a, b));
    assert_int_equal(uuid.len, 36);
    assert_int_equal(uuid.ptr[14], '4');
    assert_non_null(strchr("89ab", uuid.ptr[19]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sha256_of_the_published_examples, begin, end),
        cmocka_unit_test_setup_teardown(sha256_in_pieces_is_the_same_as_at_once, begin, end),
        cmocka_unit_test_setup_teardown(hmac_of_the_published_examples, begin, end),
        cmocka_unit_test_setup_teardown(an_empty_key_and_an_empty_text_have_an_hmac, begin, end),
        cmocka_unit_test_setup_teardown(base64_of_the_published_examples, begin, end),
        cmocka_unit_test_setup_teardown(every_byte_survives_base64_and_hex, begin, end),
        cmocka_unit_test_setup_teardown(base64_that_is_not_strict_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(hex_of_another_form_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(secrets_are_equal_only_when_all_of_them_is, begin, end),
        cmocka_unit_test_setup_teardown(random_texts_differ_and_have_their_form, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
