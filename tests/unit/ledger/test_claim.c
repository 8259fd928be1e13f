#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ledger/ledger.h"
#include "tests/support/fake_aws.h"
#include "tests/support/fake_ddb.h"

/* A table, and two functions (a, b) that use it, each with its own session. */
struct setup {
    struct bf_arena *arena;
    struct fake_http world;
    struct fake_ddb table;
    struct bf_aws_session *session;
    struct bf_aws aws;
    struct bf_ledger ledger;
    /* What happens to call ${fail_at} (counting from 1): lost before or after it was applied. */
    size_t fail_at, calls;
    bool applied;
    enum bf_code how;
    int status;
};

static enum bf_code faulty(struct fake_http *world, const struct fake_http_request *request,
                           struct fake_http_step *answer)
{
    struct setup *s = world->context;
    const bool now = ++s->calls == s->fail_at;

    if (now && !s->applied) {
        answer->status = s->status;
        answer->body = BF_SV("{\"__type\":\"InternalServerError\"}");
        return s->how;
    }
    world->context = &s->table;
    enum bf_code code = fake_ddb_handle(world, request, answer);
    world->context = s;
    if (now && s->how == BF_OK) {
        answer->status = s->status;
        answer->body = BF_SV("{\"__type\":\"InternalServerError\"}");
    }
    return now && s->how != BF_OK ? s->how : code;
}

static struct setup *begin(void)
{
    struct setup *s = test_calloc(1, sizeof(*s));

    s->arena = bf_arena_new(256U << 20);
    fake_http_init(&s->world, s->arena);
    s->table.arena = s->arena;
    s->world.handle = faulty;
    s->world.context = s;
    s->session = fake_aws_session(&s->world);
    s->aws = fake_aws(s->session, s->arena);
    s->ledger = (struct bf_ledger){.aws = &s->aws, .table = BF_SV("buzzflow-test")};
    return s;
}

static void end(struct setup *s)
{
    bf_aws_session_free(&s->session);
    bf_arena_destroy(&s->arena);
    test_free(s);
}

static struct bf_claim claim(struct setup *s, const char *owner)
{
    const struct bf_claim_wish wish = {
        .key = BF_SV("alert-1"), .owner = bf_sv_of(owner), .lease_seconds = 60};
    struct bf_err err = {0};
    struct bf_claim out;

    if (bf_ledger_claim(&s->ledger, &wish, &out, &err) != BF_OK) {
        fail_msg("claim: %s", err.msg);
    }
    return out;
}

static bf_json *object(struct setup *s, const char *member, const char *value)
{
    bf_json *json = bf_json_new_object(s->arena);

    (void)bf_json_add_str(json, member, bf_sv_of(value));
    return json;
}

static void only_the_first_of_two_gets_a_claim(void **state)
{
    struct setup *s = begin();
    (void)state;

    struct bf_claim a = claim(s, "a");
    struct bf_claim b = claim(s, "b");
    assert_int_equal(a.outcome, BF_CLAIM_TAKEN);
    assert_false(a.taken_over);
    assert_int_equal(b.outcome, BF_CLAIM_BUSY);
    assert_int_equal(b.lease_until, a.time + 60);
    end(s);
}

static void who_comes_after_completion_gets_the_result(void **state)
{
    struct setup *s = begin();
    struct bf_err err = {0};
    (void)state;

    struct bf_claim a = claim(s, "a");
    assert_int_equal(bf_ledger_complete(&s->ledger, &a, object(s, "ts", "173.5"), &err), BF_OK);
    struct bf_claim b = claim(s, "b");
    assert_int_equal(b.outcome, BF_CLAIM_DONE);
    assert_true(bf_sv_is(bf_json_str(b.result, "ts"), "173.5"));
    end(s);
}

static void completion_without_a_result_is_done_too(void **state)
{
    struct setup *s = begin();
    struct bf_err err = {0};
    (void)state;

    struct bf_claim a = claim(s, "a");
    assert_int_equal(bf_ledger_complete(&s->ledger, &a, NULL, &err), BF_OK);
    struct bf_claim b = claim(s, "b");
    assert_int_equal(b.outcome, BF_CLAIM_DONE);
    assert_null(b.result);
    end(s);
}

static void an_ended_lease_is_taken_over_with_the_note_of_its_owner(void **state)
{
    struct setup *s = begin();
    struct bf_err err = {0};
    (void)state;

    struct bf_claim a = claim(s, "a");
    assert_int_equal(bf_ledger_note(&s->ledger, &a, object(s, "step", "posting"), &err), BF_OK);
    s->world.now_ms += 61 * 1000;
    struct bf_claim b = claim(s, "b");
    assert_int_equal(b.outcome, BF_CLAIM_TAKEN);
    assert_true(b.taken_over);
    assert_true(bf_sv_is(bf_json_str(b.note, "step"), "posting"));
    /* The one who was too slow can neither note nor complete nor give back any more. */
    assert_int_equal(bf_ledger_note(&s->ledger, &a, object(s, "x", "y"), &err), BF_ECONFLICT);
    assert_int_equal(bf_ledger_complete(&s->ledger, &a, NULL, &err), BF_ECONFLICT);
    assert_int_equal(bf_ledger_release(&s->ledger, &a, false, &err), BF_OK);
    assert_int_equal(claim(s, "c").outcome, BF_CLAIM_BUSY);
    end(s);
}

static void a_lease_lasts_to_its_last_second(void **state)
{
    struct setup *s = begin();
    (void)state;

    struct bf_claim a = claim(s, "a");
    s->world.now_ms = (a.lease_until - 1) * 1000;
    assert_int_equal(claim(s, "b").outcome, BF_CLAIM_BUSY);
    s->world.now_ms = a.lease_until * 1000;
    assert_int_equal(claim(s, "b").outcome, BF_CLAIM_TAKEN);
    end(s);
}

static void the_host_clock_does_not_judge_a_lease(void **state)
{
    struct setup *s = begin();
    (void)state;

    struct bf_claim a = claim(s, "a");
    s->world.now_ms += INT64_C(3600) * 1000;  /* this host is an hour ahead now ... */
    s->table.skew_ms = INT64_C(-3600) * 1000; /* ... and the service is not */
    struct bf_claim b = claim(s, "b");
    assert_int_equal(b.outcome, BF_CLAIM_BUSY);
    assert_int_equal(b.time, a.time);
    end(s);
}

static void a_clean_release_leaves_nothing_behind(void **state)
{
    struct setup *s = begin();
    struct bf_err err = {0};
    (void)state;

    struct bf_claim a = claim(s, "a");
    assert_int_equal(bf_ledger_release(&s->ledger, &a, false, &err), BF_OK);
    assert_int_equal(s->table.count, 0);
    struct bf_claim b = claim(s, "b");
    assert_int_equal(b.outcome, BF_CLAIM_TAKEN);
    assert_false(b.taken_over);
    end(s);
}

static void an_unsure_release_is_remembered_by_the_next_owner(void **state)
{
    struct setup *s = begin();
    struct bf_err err = {0};
    (void)state;

    struct bf_claim a = claim(s, "a");
    assert_int_equal(bf_ledger_release(&s->ledger, &a, true, &err), BF_OK);
    struct bf_claim b = claim(s, "b");
    assert_int_equal(b.outcome, BF_CLAIM_TAKEN);
    assert_true(b.taken_over);
    /* Nor does b, who failed without having looked, make it forgotten. */
    assert_int_equal(bf_ledger_release(&s->ledger, &b, false, &err), BF_OK);
    assert_true(claim(s, "c").taken_over);
    end(s);
}

static void a_done_claim_is_not_given_back(void **state)
{
    struct setup *s = begin();
    struct bf_err err = {0};
    (void)state;

    struct bf_claim a = claim(s, "a");
    assert_int_equal(bf_ledger_complete(&s->ledger, &a, NULL, &err), BF_OK);
    assert_int_equal(bf_ledger_release(&s->ledger, &a, false, &err), BF_OK);
    assert_int_equal(claim(s, "b").outcome, BF_CLAIM_DONE);
    end(s);
}

static void a_row_lives_45_days_from_the_last_time_it_was_asked_for(void **state)
{
    struct setup *s = begin();
    struct bf_err err = {0};
    (void)state;

    struct bf_claim a = claim(s, "a");
    assert_int_equal(bf_ledger_complete(&s->ledger, &a, NULL, &err), BF_OK);
    int64_t until = 0;
    assert_true(
        bf_json_i64(bf_json_path(s->table.items[0], BF_SV("expires_at.N")), 0, INT64_MAX, &until));
    assert_int_equal(until, a.time + (INT64_C(45) * 86400));
    const size_t before = s->world.count;
    (void)claim(s, "b");
    assert_int_equal(s->world.count, before + 1); /* read, not written: it was just now */
    s->world.now_ms += INT64_C(30) * 86400 * 1000;
    (void)claim(s, "c");
    assert_true(
        bf_json_i64(bf_json_path(s->table.items[0], BF_SV("expires_at.N")), 0, INT64_MAX, &until));
    assert_int_equal(until, a.time + (INT64_C(75) * 86400));
    end(s);
}

/* Somebody else takes the row between our reading it and our writing it. */
static enum bf_code rival(struct fake_http *world, const struct fake_http_request *request,
                          struct fake_http_step *answer)
{
    struct setup *s = world->context;

    world->context = &s->table;
    if (fake_http_has(request, "PutItem") && s->calls == 0) {
        bf_json *row = bf_json_new_object(s->arena);
        s->calls = 1;
        (void)bf_json_add_str(bf_json_add_object(row, "pk"), "S", BF_SV("claim#alert-1"));
        (void)bf_json_add_str(bf_json_add_object(row, "sk"), "S", BF_SV("claim"));
        (void)bf_json_add_str(bf_json_add_object(row, "status"), "S", BF_SV("held"));
        (void)bf_json_add_str(bf_json_add_object(row, "owner"), "S", BF_SV("rival/1"));
        (void)bf_json_add_str(bf_json_add_object(row, "lease_until"), "N", BF_SV("99999999999"));
        s->table.items[0] = row;
        s->table.count = 1;
    }
    enum bf_code code = fake_ddb_handle(world, request, answer);
    world->context = s;
    return code;
}

static void the_loser_of_a_race_is_told_busy(void **state)
{
    struct setup *s = begin();
    (void)state;

    s->world.handle = rival;
    assert_int_equal(claim(s, "a").outcome, BF_CLAIM_BUSY);
    end(s);
}

/*
 * The flow claim -> complete, each of its calls failing once in each way. Whatever happens, at the
 * end one of the two who tried it has it done, and nobody thinks he has it who has it not.
 */
static size_t play(size_t fail_at, bool applied, enum bf_code how, int status)
{
    struct setup *s = begin();
    const struct bf_claim_wish wish = {
        .key = BF_SV("alert-1"), .owner = BF_SV("a"), .lease_seconds = 60};
    struct bf_err err = {0};
    struct bf_claim a;

    s->fail_at = fail_at;
    s->applied = applied;
    s->how = how;
    s->status = status;
    if (bf_ledger_claim(&s->ledger, &wish, &a, &err) == BF_OK) {
        assert_int_equal(a.outcome, BF_CLAIM_TAKEN);
        assert_false(a.taken_over);
        assert_int_equal(bf_ledger_complete(&s->ledger, &a, NULL, &err), BF_OK);
        assert_int_equal(claim(s, "b").outcome, BF_CLAIM_DONE);
    } else {
        assert_true(bf_code_is_transient(err.code));
    }
    const size_t calls = s->calls;
    end(s);
    return calls;
}

static void a_lost_answer_never_loses_or_doubles_a_claim(void **state)
{
    const size_t calls = play(0, false, BF_OK, 200);
    (void)state;

    assert_int_equal(calls, 4); /* read, take, complete, and b's read */
    for (size_t n = 1; n <= calls; n++) {
        for (int applied = 0; applied <= 1; applied++) {
            (void)play(n, applied != 0, BF_EAMBIGUOUS, 0);
            (void)play(n, applied != 0, BF_OK, 500);
        }
        (void)play(n, false, BF_ENET, 0);
        (void)play(n, false, BF_OK, 429);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_first_of_two_gets_a_claim),
        cmocka_unit_test(who_comes_after_completion_gets_the_result),
        cmocka_unit_test(completion_without_a_result_is_done_too),
        cmocka_unit_test(an_ended_lease_is_taken_over_with_the_note_of_its_owner),
        cmocka_unit_test(a_lease_lasts_to_its_last_second),
        cmocka_unit_test(the_host_clock_does_not_judge_a_lease),
        cmocka_unit_test(a_clean_release_leaves_nothing_behind),
        cmocka_unit_test(an_unsure_release_is_remembered_by_the_next_owner),
        cmocka_unit_test(a_done_claim_is_not_given_back),
        cmocka_unit_test(a_row_lives_45_days_from_the_last_time_it_was_asked_for),
        cmocka_unit_test(the_loser_of_a_race_is_told_busy),
        cmocka_unit_test(a_lost_answer_never_loses_or_doubles_a_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
