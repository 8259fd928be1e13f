#include "base/buf.h"
#include "tests/support/cmocka_headers.h"
#include "tests/support/files.h"
#include "time/civil.h"
#include "time/instant.h"
#include "time/zone.h"
#include "time/zone_internal.h"

static int setup(void **state)
{
    *state = bf_arena_new((size_t)64 << 20U);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

static const struct bf_zone *load(struct bf_arena *arena, struct bf_sv name)
{
    const struct bf_zone *zone = NULL;
    struct bf_err err = {0};

    if (bf_zone_load(arena, name, &zone, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    return zone;
}

static int64_t number(struct bf_sv text)
{
    int64_t value = 0;

    assert_true(bf_sv_i64(text, INT64_MIN, INT64_MAX, &value));
    return value;
}

static void check_line(const struct bf_zone *zone, struct bf_sv kind, struct bf_sv rest)
{
    struct bf_sv whole = rest;
    int64_t time = number(bf_sv_cut(&rest, '\t'));
    int64_t wanted = number(bf_sv_cut(&rest, '\t'));
    bool good = false;

    if (bf_sv_is(kind, "I")) {
        good = bf_zone_offset(zone, time) == wanted &&
               bf_sv_eq(bf_zone_abbreviation(zone, time), rest);
    } else {
        good = bf_zone_instant(zone, time) == wanted;
    }
    if (!good) {
        fail_msg(BF_SV_FMT " " BF_SV_FMT " " BF_SV_FMT ": offset %d, instant %lld", BF_SV_ARG(kind),
                 BF_SV_ARG(bf_zone_name(zone)), BF_SV_ARG(whole), bf_zone_offset(zone, time),
                 (long long)bf_zone_instant(zone, time));
    }
}

static void all_zones_agree_with_python_zoneinfo(void **state)
{
    struct bf_sv text = test_read_file(*state, TEST_DATA "/zoneinfo.tsv");
    struct bf_sv head = bf_sv_cut(&text, '\n');
    const struct bf_zone *zone = NULL;
    size_t lines = 0;

    /* The same database on both sides, or the comparison says nothing. */
    assert_true(bf_sv_search(head, bf_sv_of(bf_tzdb_version())) < head.len);
    for (; text.len > 0; lines++) {
        struct bf_sv line = bf_sv_cut(&text, '\n');
        struct bf_sv kind = bf_sv_cut(&line, '\t');
        struct bf_sv name = bf_sv_cut(&line, '\t');
        if (zone == NULL || !bf_sv_eq(bf_zone_name(zone), name)) {
            zone = load(*state, name);
        }
        check_line(zone, kind, line);
    }
    assert_true(lines > 2000);
}

static void every_zone_of_the_list_loads_and_resolves_round_the_clock(void **state)
{
    size_t count = 0;

    for (; bf_tzdb_name(count) != NULL; count++) {
        const struct bf_zone *zone = load(*state, bf_sv_of(bf_tzdb_name(count)));
        for (int64_t instant = -3000000000; instant < 12000000000; instant += 299999999) {
            int64_t local = bf_zone_local(zone, instant);
            struct bf_local_time found = bf_zone_resolve(zone, local);
            assert_int_not_equal(found.kind, BF_LOCAL_NEVER);
            assert_true(found.instant == instant || found.other == instant);
        }
    }
    assert_true(count > 500);
}

static void an_unknown_zone_is_refused(void **state)
{
    static const struct {
        const char *name, *said;
    } cases[] = {
        {"Asia/Soul", "did you mean 'Asia/Seoul'?"},
        {"asia/seoul", "did you mean 'Asia/Seoul'?"},
        {"Seoul", "did you mean 'Asia/Seoul'?"},
        {"", "unknown time zone ''"},
        {"EST5EDT,M3.2.0,M11.1.0", "unknown time zone"},
        {"/usr/share/zoneinfo/Asia/Seoul", "unknown time zone"},
        {"../Asia/Seoul", "unknown time zone"},
        {"Asia/Seoul ", "did you mean 'Asia/Seoul'?"},
    };

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        const struct bf_zone *zone = NULL;
        struct bf_err err = {0};
        assert_int_equal(bf_zone_load(*state, bf_sv_of(cases[i].name), &zone, &err), BF_EINVALID);
        if (strstr(err.msg, cases[i].said) == NULL) {
            fail_msg("'%s' does not say \"%s\"", err.msg, cases[i].said);
        }
        assert_false(bf_zone_exists(bf_sv_of(cases[i].name)));
    }
}

static void a_gap_goes_forward_by_its_length(void **state)
{
    const struct bf_zone *new_york = load(*state, BF_SV("America/New_York"));
    struct bf_local_time found =
        bf_zone_resolve(new_york, bf_seconds_of((struct bf_civil){{2026, 3, 8}, 2, 30, 0}));

    assert_int_equal(found.kind, BF_LOCAL_NEVER);
    assert_string_equal(bf_instant_print(*state, found.instant).ptr, "2026-03-08T07:30:00Z");
    assert_string_equal(bf_instant_print(*state, found.other).ptr, "2026-03-08T07:00:00Z");
}

static void an_overlap_is_two_instants_the_earlier_first(void **state)
{
    const struct bf_zone *howe = load(*state, BF_SV("Australia/Lord_Howe")); /* half an hour */
    struct bf_local_time found =
        bf_zone_resolve(howe, bf_seconds_of((struct bf_civil){{2026, 4, 5}, 1, 45, 0}));

    assert_int_equal(found.kind, BF_LOCAL_TWICE);
    assert_int_equal(found.other - found.instant, 1800);
    assert_int_equal(bf_zone_offset(howe, found.instant), 39600);
    assert_int_equal(bf_zone_offset(howe, found.other), 37800);
}

static void a_day_starts_at_its_first_instant(void **state)
{
    static const struct {
        const char *zone;
        struct bf_date date;
        const char *start;
    } cases[] = {
        {"Africa/Cairo", {2026, 4, 24}, "2026-04-24T01:00:00+03:00"},    /* midnight is skipped */
        {"America/Havana", {2026, 11, 1}, "2026-11-01T00:00:00-04:00"},  /* and comes twice */
        {"America/Toronto", {1919, 3, 31}, "1919-03-31T00:30:00-04:00"}, /* gap from 23:30 */
        {"Pacific/Apia", {2011, 12, 30}, "2011-12-31T00:00:00+14:00"},   /* a day that never was */
        {"Asia/Seoul", {2026, 3, 2}, "2026-03-02T00:00:00+09:00"},
    };

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        const struct bf_zone *zone = load(*state, bf_sv_of(cases[i].zone));
        int64_t start = bf_zone_day_start(zone, bf_day_of(cases[i].date));
        assert_string_equal(bf_instant_print_offset(*state, start, bf_zone_offset(zone, start)).ptr,
                            cases[i].start);
    }
}

struct change {
    int year;
    const char *from, *to; /* of summer time, UTC */
};

static void check_rule(struct bf_arena *arena, const char *text, struct change wanted)
{
    struct bf_zone_rule rule;
    int64_t middle = bf_seconds_of((struct bf_civil){{wanted.year, 7, 1}, 0, 0, 0});

    assert_true(bf_rule_parse(bf_sv_of(text), &rule));
    struct bf_zone_segment summer = bf_rule_segment_at(&rule, middle);
    if (!summer.type->dst) {
        summer = bf_rule_segment_at(&rule, summer.to);
    }
    assert_true(summer.type->dst);
    assert_string_equal(bf_instant_print(arena, summer.from).ptr, wanted.from);
    assert_string_equal(bf_instant_print(arena, summer.to).ptr, wanted.to);
}

static void footers_of_every_form_are_understood(void **state)
{
    check_rule(*state, "EST5EDT,M3.2.0,M11.1.0",
               (struct change){2026, "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"});
    check_rule(*state, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
               (struct change){2026, "2026-10-03T15:30:00Z", "2027-04-03T15:00:00Z"});
    /* negative summer time, and a time before midnight */
    check_rule(*state, "IST-1GMT0,M10.5.0,M3.5.0/1",
               (struct change){2026, "2026-10-25T01:00:00Z", "2027-03-28T01:00:00Z"});
    check_rule(*state, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
               (struct change){2026, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"});
    /* hours beyond a day: 50 h after Thursday is Saturday 02:00 */
    check_rule(*state, "EET-2EEST,M3.4.4/50,M10.4.4/50",
               (struct change){2026, "2026-03-28T00:00:00Z", "2026-10-23T23:00:00Z"});
    /* Julian days without and with 29 February */
    check_rule(*state, "AAA0BBB,J60,300/24:30:15",
               (struct change){2024, "2024-03-01T02:00:00Z", "2024-10-27T23:30:15Z"});
    check_rule(*state, "AAA0BBB,59,J300",
               (struct change){2024, "2024-02-29T02:00:00Z", "2024-10-27T01:00:00Z"});
}

static void summer_time_all_the_year_round_has_no_gap(void **state)
{
    struct bf_zone_rule rule;

    (void)state;
    assert_true(bf_rule_parse(BF_SV("XXX3EDT4,0/0,J365/23"), &rule));
    for (int64_t instant = 1767225600 - 90000; instant < 1767225600 + 90000; instant += 900) {
        assert_int_equal(bf_rule_segment_at(&rule, instant).type->offset, -4 * 3600);
    }
}

static void what_is_no_footer_is_refused(void **state)
{
    static const char *const cases[] = {
        "EST",
        "5",
        "ES5",
        "<+09-9",
        "EST5EDT",
        "EST5EDT,M3.2.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,J0,J365",
        "EST5EDT,0,366",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST25",
        "EST5:60",
        "EST5 ",
    };
    struct bf_zone_rule rule;

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        if (bf_rule_parse(bf_sv_of(cases[i]), &rule)) {
            fail_msg("accepted '%s'", cases[i]);
        }
    }
}

/* A small file: two types, one transition, a footer. */
static struct bf_sv small_tzif(struct bf_arena *arena, const char *footer)
{
    static const unsigned char head[] =
        "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0";
    static const unsigned char second[] =
        "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\10"
        "\0\0\0\0\0\0\0\144\1"       /* at 100 s: type 1 */
        "\0\0\0\0\0\0\0\0\16\20\1\4" /* 0; 3600, summer */
        "AAA\0BBB";
    struct bf_buf out = bf_buf_new(arena, 4096);

    bf_buf_add(&out, (struct bf_sv){(const char *)head, sizeof(head) - 1});
    bf_buf_add(&out, BF_SV("\0\0\0\0\0\0")); /* the one type of the first block */
    bf_buf_add(&out, (struct bf_sv){(const char *)second, sizeof(second)});
    bf_buf_printf(&out, "\n%s\n", footer);
    return bf_buf_sv(&out);
}

static void a_tzif_file_is_read(void **state)
{
    const struct bf_zone *zone = NULL;
    struct bf_err err = {0};

    if (bf_zone_parse(*state, BF_SV("X"), small_tzif(*state, ""), &zone, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    assert_int_equal(bf_zone_offset(zone, 99), 0);
    assert_int_equal(bf_zone_offset(zone, 100), 3600);
    assert_int_equal(bf_zone_offset(zone, 99999999999), 3600);
    assert_true(bf_sv_is(bf_zone_abbreviation(zone, 100), "BBB"));
    assert_int_equal(bf_zone_next_change(zone, 0), 100);
}

static void every_cut_of_a_tzif_file_is_refused(void **state)
{
    struct bf_sv whole = small_tzif(*state, "AAA0");

    for (size_t n = 0; n < whole.len; n++) {
        const struct bf_zone *zone = NULL;
        struct bf_err err = {0};
        struct bf_sv cut = bf_sv_slice(whole, 0, n);
        if (bf_zone_parse(*state, BF_SV("X"), cut, &zone, &err) == BF_OK) {
            fail_msg("accepted the first %zu of %zu bytes", n, whole.len);
        }
        assert_int_equal(err.code, BF_EINVALID);
    }
}

static void damage_in_a_tzif_file_is_refused(void **state)
{
    enum { INDEX = 50 + 44 + 8, OFFSET = 50 + 44 + 9, NAME = 50 + 44 + 14 };
    static const struct {
        size_t at;
        char value;
    } cases[] = {{0, 'X'}, {4, '1'}, {INDEX, 2}, {OFFSET, 1}, {NAME, 8}, {50 + 31, 9}};
    struct bf_sv good = small_tzif(*state, "AAA0");

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_sv copy = bf_sv_dup(*state, good);
        char *bytes = bf_arena_alloc(*state, copy.len, 1);
        const struct bf_zone *zone = NULL;
        struct bf_err err = {0};
        memcpy(bytes, copy.ptr, copy.len);
        bytes[cases[i].at] = cases[i].value;
        if (bf_zone_parse(*state, BF_SV("X"), (struct bf_sv){bytes, copy.len}, &zone, &err) ==
            BF_OK) {
            fail_msg("accepted the damage of case %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_zones_agree_with_python_zoneinfo),
        cmocka_unit_test(every_zone_of_the_list_loads_and_resolves_round_the_clock),
        cmocka_unit_test(an_unknown_zone_is_refused),
        cmocka_unit_test(a_gap_goes_forward_by_its_length),
        cmocka_unit_test(an_overlap_is_two_instants_the_earlier_first),
        cmocka_unit_test(a_day_starts_at_its_first_instant),
        cmocka_unit_test(footers_of_every_form_are_understood),
        cmocka_unit_test(summer_time_all_the_year_round_has_no_gap),
        cmocka_unit_test(what_is_no_footer_is_refused),
        cmocka_unit_test(a_tzif_file_is_read),
        cmocka_unit_test(every_cut_of_a_tzif_file_is_refused),
        cmocka_unit_test(damage_in_a_tzif_file_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
