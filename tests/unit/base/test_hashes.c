#include "base/hashes.h"
#include "tests/support/cmocka_headers.h"

enum { MANY = 300000 };

/* Far apart in all of their bits, and never 0. */
static uint64_t hash_of(uint64_t number)
{
    return (number + 1) * 11400714819323198485U;
}

static void a_hash_is_new_once(void **state)
{
    (void)state;
    struct bf_hashes hashes = {0};
    for (uint64_t i = 0; i < MANY; i++) {
        assert_true(bf_hashes_add(&hashes, hash_of(i)));
    }
    for (uint64_t i = 0; i < MANY; i++) {
        assert_false(bf_hashes_add(&hashes, hash_of(i)));
    }
    assert_true(bf_hashes_add(&hashes, hash_of(MANY)));
    assert_int_equal(hashes.count, MANY + 1);
    bf_hashes_end(&hashes);
}

static void a_set_that_has_ended_is_empty(void **state)
{
    (void)state;
    struct bf_hashes hashes = {0};
    assert_true(bf_hashes_add(&hashes, 7));
    bf_hashes_end(&hashes);
    assert_int_equal(hashes.count, 0);
    assert_true(bf_hashes_add(&hashes, 7));
    bf_hashes_end(&hashes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_new_once),
        cmocka_unit_test(a_set_that_has_ended_is_empty),
    };
    return cmocka_run_group_tests_name("base/hashes", tests, NULL, NULL);
}
