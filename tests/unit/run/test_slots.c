#include "run/context.h"
#include "run/run.h"
#include "run/slots.h"
#include "tests/support/cmocka_headers.h"

static int setup(void **state)
{
    *state = bf_arena_new((size_t)16 << 20U);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

static enum bf_slot take_replacing(struct bf_arena *arena, bf_json *slots, const char *token,
                                   struct bf_sv *replaced)
{
    const struct bf_slot_rules rules = {.overlap = BF_SV("queue_one"), .max_active = 1};

    return bf_slots_take(arena, slots, bf_sv_of(token), &rules, BF_SV("now"), replaced);
}

static enum bf_slot take(struct bf_arena *arena, bf_json *slots, const char *token,
                         const char *overlap, int64_t max_active)
{
    const struct bf_slot_rules rules = {.overlap = bf_sv_of(overlap), .max_active = max_active};
    struct bf_sv replaced = {0};

    return bf_slots_take(arena, slots, bf_sv_of(token), &rules, BF_SV("now"), &replaced);
}

static size_t active(const bf_json *slots)
{
    return bf_json_count(bf_json_get(slots, "active"));
}

static void the_first_run_starts(void **state)
{
    static const char *const policies[] = {"skip", "queue_one", "queue_all", "cancel", "allow"};

    for (size_t i = 0; i < BF_COUNTOF(policies); i++) {
        bf_json *slots = bf_slots_new(*state);
        assert_int_equal(take(*state, slots, "a", policies[i], 1), BF_SLOT_START);
        assert_int_equal(active(slots), 1);
    }
}

static void a_run_that_has_its_slot_keeps_it(void **state)
{
    bf_json *slots = bf_slots_new(*state);

    assert_int_equal(take(*state, slots, "a", "skip", 1), BF_SLOT_START);
    assert_int_equal(take(*state, slots, "a", "skip", 1), BF_SLOT_START);
    assert_int_equal(active(slots), 1);
}

static void skip_starts_nothing_and_counts(void **state)
{
    bf_json *slots = bf_slots_new(*state);
    int64_t skipped = 0;

    (void)take(*state, slots, "a", "skip", 1);
    assert_int_equal(take(*state, slots, "b", "skip", 1), BF_SLOT_SKIP);
    assert_int_equal(active(slots), 1);
    assert_true(bf_json_i64(bf_json_get(slots, "skipped"), 0, 10, &skipped));
    assert_int_equal(skipped, 1);
}

static void max_active_is_how_many_run_side_by_side(void **state)
{
    bf_json *slots = bf_slots_new(*state);

    assert_int_equal(take(*state, slots, "a", "skip", 2), BF_SLOT_START);
    assert_int_equal(take(*state, slots, "b", "skip", 2), BF_SLOT_START);
    assert_int_equal(take(*state, slots, "c", "skip", 2), BF_SLOT_SKIP);
    assert_true(bf_slots_free(slots, BF_SV("a")));
    assert_int_equal(take(*state, slots, "d", "skip", 2), BF_SLOT_START);
}

static void of_queue_one_the_newest_waits(void **state)
{
    const struct bf_slot_rules rules = {.overlap = BF_SV("queue_one"), .max_active = 1};
    bf_json *slots = bf_slots_new(*state);
    struct bf_sv replaced = {0};

    (void)take(*state, slots, "a", "queue_one", 1);
    assert_int_equal(take_replacing(*state, slots, "b", &replaced), BF_SLOT_WAIT);
    assert_int_equal(replaced.len, 0);
    assert_int_equal(take_replacing(*state, slots, "b", &replaced), BF_SLOT_WAIT);
    assert_int_equal(replaced.len, 0);
    assert_int_equal(take_replacing(*state, slots, "c", &replaced), BF_SLOT_WAIT);
    assert_true(bf_sv_is(replaced, "b"));
    assert_int_equal(bf_slots_next(*state, slots, &rules, BF_SV("now")).len, 0);
    assert_true(bf_slots_free(slots, BF_SV("a")));
    assert_true(bf_sv_is(bf_slots_next(*state, slots, &rules, BF_SV("now")), "c"));
    assert_int_equal(active(slots), 1);
}

static void of_queue_all_the_oldest_is_next(void **state)
{
    const struct bf_slot_rules rules = {.overlap = BF_SV("queue_all"), .max_active = 1};
    bf_json *slots = bf_slots_new(*state);

    (void)take(*state, slots, "a", "queue_all", 1);
    assert_int_equal(take(*state, slots, "b", "queue_all", 1), BF_SLOT_WAIT);
    assert_int_equal(take(*state, slots, "c", "queue_all", 1), BF_SLOT_WAIT);
    assert_true(bf_slots_free(slots, BF_SV("a")));
    /* nobody overtakes those that wait */
    assert_int_equal(take(*state, slots, "d", "queue_all", 1), BF_SLOT_WAIT);
    assert_true(bf_sv_is(bf_slots_next(*state, slots, &rules, BF_SV("now")), "b"));
    assert_int_equal(bf_slots_next(*state, slots, &rules, BF_SV("now")).len, 0);
    assert_true(bf_slots_free(slots, BF_SV("b")));
    assert_true(bf_sv_is(bf_slots_next(*state, slots, &rules, BF_SV("now")), "c"));
}

static void a_full_queue_skips(void **state)
{
    bf_json *slots = bf_slots_new(*state);

    (void)take(*state, slots, "first", "queue_all", 1);
    for (int i = 0; i < BF_RUN_WAITING_MAX; i++) {
        struct bf_sv token = bf_sv_printf(*state, "t%d", i);
        assert_int_equal(take(*state, slots, token.ptr, "queue_all", 1), BF_SLOT_WAIT);
    }
    assert_int_equal(take(*state, slots, "last", "queue_all", 1), BF_SLOT_SKIP);
}

static void allow_starts_beside_the_others(void **state)
{
    bf_json *slots = bf_slots_new(*state);

    (void)take(*state, slots, "a", "allow", 1);
    assert_int_equal(take(*state, slots, "b", "allow", 1), BF_SLOT_START);
    assert_int_equal(active(slots), 2);
}

static void cancel_asks_for_the_others_to_be_stopped(void **state)
{
    bf_json *slots = bf_slots_new(*state);

    (void)take(*state, slots, "a", "cancel", 1);
    assert_int_equal(take(*state, slots, "b", "cancel", 1), BF_SLOT_CANCEL);
    assert_int_equal(active(slots), 1);
    bf_slots_force(slots, BF_SV("b"), BF_SV("now"));
    assert_int_equal(active(slots), 2);
}

static void a_start_is_counted_once(void **state)
{
    bf_json *slots = bf_slots_new(*state);

    (void)take(*state, slots, "a", "skip", 1);
    assert_true(bf_slots_started(slots, BF_SV("a"), BF_SV("arn:1")));
    assert_false(bf_slots_started(slots, BF_SV("a"), BF_SV("arn:1")));
    assert_false(bf_slots_started(slots, BF_SV("unknown"), BF_SV("arn:2")));
    assert_int_equal(bf_slots_count(slots), 1);
    assert_false(bf_slots_free(slots, BF_SV("unknown")));
}

/* ---- names ---- */

static void tokens_differ_by_every_part_and_by_nothing_else(void **state)
{
    struct bf_arena *arena = *state;
    const struct bf_run_id id = {.environment = BF_SV("research"),
                                 .pipeline = BF_SV("hello"),
                                 .kind = BF_SV("schedule"),
                                 .name = BF_SV("weekly"),
                                 .key = BF_SV("2026-03-02T00:00:00Z")};
    struct bf_run_id others[6];
    const struct bf_sv token = bf_run_token(arena, &id);

    for (size_t i = 0; i < BF_COUNTOF(others); i++) {
        others[i] = id;
    }
    others[0].environment = BF_SV("production");
    others[1].pipeline = BF_SV("hell");
    others[2].kind = BF_SV("trigger");
    others[3].name = BF_SV("daily");
    others[4].key = BF_SV("2026-03-09T00:00:00Z");
    others[5].attempt = 1;
    assert_int_equal(token.len, 64);
    assert_true(bf_sv_eq(token, bf_run_token(arena, &id)));
    for (size_t i = 0; i < BF_COUNTOF(others); i++) {
        assert_false(bf_sv_eq(token, bf_run_token(arena, &others[i])));
    }
    /* "a" + "bc" is not "ab" + "c" */
    others[0] = id;
    others[0].environment = BF_SV("researchh");
    others[0].pipeline = BF_SV("ello");
    assert_false(bf_sv_eq(token, bf_run_token(arena, &others[0])));
}

static void a_display_name_has_schedule_and_local_time(void **state)
{
    /* 2026-03-02T00:30:00 as local seconds */
    assert_string_equal(
        bf_sv_z(*state, bf_run_display_name(*state, BF_SV("weekly"), INT64_C(1772411400))),
        "weekly-20260302T003000");
}

/* ---- holidays ---- */

static void a_holidays_file_has_a_date_a_line(void **state)
{
    bf_json *dates = NULL;
    struct bf_err err = {0};

    assert_int_equal(bf_run_holidays(*state,
                                     BF_SV("# Korea\n2026-01-01 New Year\r\n\n  2026-03-01\t# x\n"
                                           "2026-03-02 Substitute"),
                                     &dates, &err),
                     BF_OK);
    assert_string_equal(bf_json_text_of(*state, dates).ptr,
                        "[\"2026-01-01\",\"2026-03-01\",\"2026-03-02\"]");
    assert_int_equal(bf_run_holidays(*state, BF_SV(""), &dates, &err), BF_OK);
    assert_int_equal(bf_json_count(dates), 0);
}

static void a_wrong_line_of_holidays_is_named(void **state)
{
    bf_json *dates = NULL;
    struct bf_err err = {0};

    assert_int_equal(bf_run_holidays(*state, BF_SV("2026-01-01\n2026-02-30\n"), &dates, &err),
                     BF_EINVALID);
    assert_non_null(strstr(err.msg, "line 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(the_first_run_starts),
        T(a_run_that_has_its_slot_keeps_it),
        T(skip_starts_nothing_and_counts),
        T(max_active_is_how_many_run_side_by_side),
        T(of_queue_one_the_newest_waits),
        T(of_queue_all_the_oldest_is_next),
        T(a_full_queue_skips),
        T(allow_starts_beside_the_others),
        T(cancel_asks_for_the_others_to_be_stopped),
        T(a_start_is_counted_once),
        T(tokens_differ_by_every_part_and_by_nothing_else),
        T(a_display_name_has_schedule_and_local_time),
        T(a_holidays_file_has_a_date_a_line),
        T(a_wrong_line_of_holidays_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
