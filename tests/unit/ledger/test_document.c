#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ledger/ledger.h"
#include "tests/support/fake_aws.h"
#include "tests/support/fake_ddb.h"

static struct bf_arena *arena;
static struct fake_http world;
static struct fake_ddb table;
static struct bf_aws_session *session;
static struct bf_aws aws;
static struct bf_ledger ledger;
static struct bf_err err;

static int begin(void **state)
{
    (void)state;
    arena = bf_arena_new(256U << 20);
    err = (struct bf_err){0};
    table = (struct fake_ddb){.arena = arena};
    fake_http_init(&world, arena);
    world.handle = fake_ddb_handle;
    world.context = &table;
    session = fake_aws_session(&world);
    aws = fake_aws(session, arena);
    ledger = (struct bf_ledger){.aws = &aws, .table = BF_SV("t")};
    return 0;
}

static int end(void **state)
{
    (void)state;
    bf_aws_session_free(&session);
    bf_arena_destroy(&arena);
    return 0;
}

static bf_json *parse(const char *text)
{
    bf_json *out = NULL;
    assert_int_equal(bf_json_parse(arena, bf_sv_of(text), NULL, &out, &err), BF_OK);
    return out;
}

static void a_document_comes_back_as_it_was(void **state)
{
    struct bf_ledger_item item = {.key = bf_key_run(arena, BF_SV("t1")),
                                  .document = parse("{\"n\":1.50,\"big\":9007199254740993,"
                                                    "\"text\":\"한국어\"}")};
    struct bf_ledger_item read = {0};
    (void)state;
    assert_int_equal(bf_ledger_put(&ledger, &item, BF_LEDGER_FOREVER, &err), BF_OK);
    assert_int_equal(item.version, 1);
    assert_int_equal(bf_ledger_get(&ledger, &item.key, &read, &err), BF_OK);
    assert_int_equal(read.version, 1);
    assert_true(
        bf_sv_eq(bf_json_text_of(arena, read.document), bf_json_text_of(arena, item.document)));
    assert_null(bf_json_get(table.items[0], "expires_at"));
}

static void an_expiring_document_says_when(void **state)
{
    struct bf_ledger_item item = {.key = bf_key_run(arena, BF_SV("t1")), .document = parse("{}")};
    (void)state;
    assert_int_equal(bf_ledger_put(&ledger, &item, BF_LEDGER_RUN_DAYS, &err), BF_OK);
    assert_true(
        bf_sv_is(bf_json_str(bf_json_get(table.items[0], "expires_at"), "N"), "1806883200"));
}

static void an_older_version_does_not_overwrite_a_newer(void **state)
{
    struct bf_ledger_item a = {.key = bf_key_run(arena, BF_SV("t1")), .document = parse("{}")};
    struct bf_ledger_item b = {0};
    (void)state;
    assert_int_equal(bf_ledger_put(&ledger, &a, 1, &err), BF_OK);
    assert_int_equal(bf_ledger_get(&ledger, &a.key, &b, &err), BF_OK);
    assert_int_equal(bf_ledger_put(&ledger, &b, 1, &err), BF_OK);
    assert_int_equal(bf_ledger_put(&ledger, &a, 1, &err), BF_ECONFLICT);
    assert_int_equal(a.version, 1);
    assert_non_null(strstr(err.msg, "run#t1"));
    assert_int_equal(bf_ledger_overwrite(&ledger, &a, 1, &err), BF_OK);
    assert_int_equal(a.version, 3);
}

/* The answer to the first write is lost after it was applied; its repeat fails its condition. */
static enum bf_code lose_first_write(struct fake_http *w, const struct fake_http_request *request,
                                     struct fake_http_step *answer)
{
    static size_t seen;
    const bool write = fake_http_has(request, "PutItem");
    enum bf_code code = fake_ddb_handle(w, request, answer);

    seen = w->count == 1 ? 0 : seen;
    seen += write;
    return write && seen == 1 ? BF_EAMBIGUOUS : code;
}

static void a_write_whose_answer_was_lost_is_known_for_ours(void **state)
{
    struct bf_ledger_item item = {.key = bf_key_run(arena, BF_SV("t1")), .document = parse("{}")};
    (void)state;
    world.handle = lose_first_write;
    assert_int_equal(bf_ledger_put(&ledger, &item, 1, &err), BF_OK);
    assert_int_equal(err.code, BF_OK);
    assert_int_equal(item.version, 1);
    assert_int_equal(world.count, 3); /* the write, its repeat, the reading back */
}

static void a_write_in_doubt_that_cannot_be_read_back_stays_in_doubt(void **state)
{
    struct bf_ledger_item item = {.key = bf_key_run(arena, BF_SV("t1")), .document = parse("{}")};
    (void)state;
    world.handle = NULL;
    for (int i = 0; i < 6; i++) {
        fake_http_fail(&world, "POST", i < 3 ? "PutItem" : "GetItem", BF_EAMBIGUOUS);
    }
    assert_int_equal(bf_ledger_put(&ledger, &item, 1, &err), BF_EAMBIGUOUS);
    assert_int_equal(item.version, 0);
    fake_http_done(&world);
}

static void a_document_that_is_too_large_is_not_written(void **state)
{
    char *text = bf_arena_alloc(arena, BF_LEDGER_MAX_DOCUMENT + 1, 1);
    struct bf_ledger_item item = {.key = bf_key_run(arena, BF_SV("t1")), .document = parse("{}")};
    (void)state;
    memset(text, 'x', BF_LEDGER_MAX_DOCUMENT);
    (void)bf_json_add_str(item.document, "a", bf_sv_of(text));
    assert_int_equal(bf_ledger_put(&ledger, &item, 1, &err), BF_ETOOLARGE);
    assert_int_equal(world.count, 0);
}

static void a_document_that_is_no_json_is_an_error(void **state)
{
    struct bf_ledger_item read = {0};
    const struct bf_ledger_key key = bf_key_run(arena, BF_SV("t1"));
    (void)state;
    table.items[0] = parse(
        "{\"pk\":{\"S\":\"run#t1\"},\"sk\":{\"S\":\"run\"},\"version\":{\"N\":"
        "\"1\"},\"document\":{\"S\":\"{nonsense\"}}");
    table.count = 1;
    assert_int_equal(bf_ledger_get(&ledger, &key, &read, &err), BF_ESYNTAX);
    assert_non_null(strstr(err.msg, "run#t1"));
}

static void a_range_is_read_with_its_documents(void **state)
{
    const char *const channels[] = {"C1", "C2"};
    struct bf_ledger_range range = {
        .pk = BF_SV("execution#arn:e"), .sk_prefix = BF_SV("thread#"), .max = 10};
    struct bf_ledger_items out = {0};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bf_ledger_item item = {
            .key = bf_key_thread(arena, BF_SV("arn:e"), bf_sv_of(channels[i])),
            .document = parse("{\"ts\":\"1\"}")};
        assert_int_equal(bf_ledger_put(&ledger, &item, 1, &err), BF_OK);
    }
    struct bf_ledger_item run = {.key = bf_key_execution(arena, BF_SV("arn:e")),
                                 .document = parse("{}")};
    assert_int_equal(bf_ledger_put(&ledger, &run, 1, &err), BF_OK);
    assert_int_equal(bf_ledger_query(&ledger, &range, &out, &err), BF_OK);
    assert_int_equal(out.count, 2);
    assert_true(bf_sv_is(out.items[1].key.sk, "thread#C2"));
    assert_int_equal(out.items[1].version, 1);
    assert_true(bf_sv_is(bf_json_str(out.items[0].document, "ts"), "1"));
    range.sk_prefix = (struct bf_sv){0};
    assert_int_equal(bf_ledger_query(&ledger, &range, &out, &err), BF_OK);
    assert_int_equal(out.count, 3);
}

static void a_pipeline_is_found_by_its_arn_only_while_its_record_says_so(void **state)
{
    struct bf_ledger_item record = {.document =
                                        parse("{\"pipeline\":\"hello\",\"arn\":\"arn:1\"}")};
    struct bf_ledger_item out = {0};
    (void)state;
    assert_int_equal(bf_ledger_put_pipeline(&ledger, &record, &err), BF_OK);
    assert_int_equal(bf_ledger_pipeline_by_arn(&ledger, BF_SV("arn:1"), &out, &err), BF_OK);
    assert_int_equal(out.version, 1);
    record.document = parse("{\"pipeline\":\"hello\",\"arn\":\"arn:2\"}");
    assert_int_equal(bf_ledger_put_pipeline(&ledger, &record, &err), BF_OK);
    assert_int_equal(bf_ledger_pipeline_by_arn(&ledger, BF_SV("arn:1"), &out, &err), BF_OK);
    assert_int_equal(out.version, 0);
    assert_null(out.document);
    assert_int_equal(bf_ledger_pipeline_by_arn(&ledger, BF_SV("arn:2"), &out, &err), BF_OK);
    assert_int_equal(out.version, 2);
    record.document = parse("{\"pipeline\":\"hello\"}");
    assert_int_equal(bf_ledger_put_pipeline(&ledger, &record, &err), BF_EINVALID);
    assert_int_equal(bf_ledger_delete_pipeline(&ledger, BF_SV("hello"), &err), BF_OK);
    assert_int_equal(bf_ledger_delete_pipeline(&ledger, BF_SV("hello"), &err), BF_OK);
}

/* S3 user guide: pad the shorter one on the right with zeros and compare as text. */
static void sequencers_have_the_order_of_the_uploads(void **state)
{
    (void)state;
    assert_true(bf_sequencer_cmp(BF_SV("005"), BF_SV("0049")) > 0);
    assert_true(bf_sequencer_cmp(BF_SV("0055AED6DCD90281E5"), BF_SV("0055AED6DCD90281E6")) < 0);
    assert_int_equal(bf_sequencer_cmp(BF_SV("00A"), BF_SV("00a00")), 0);
    assert_true(bf_sequencer_cmp(BF_SV(""), BF_SV("0")) < 0);
    assert_true(bf_sequencer_cmp(BF_SV("0"), BF_SV("")) > 0);
    assert_int_equal(bf_sequencer_cmp(BF_SV(""), BF_SV("")), 0);
    struct bf_ledger_key a = bf_key_spec_history(arena, BF_SV("k"), BF_SV("005"));
    struct bf_ledger_key b = bf_key_spec_history(arena, BF_SV("k"), BF_SV("0049"));
    assert_true(bf_sv_cmp(a.sk, b.sk) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_document_comes_back_as_it_was),
        TEST(an_expiring_document_says_when),
        TEST(an_older_version_does_not_overwrite_a_newer),
        TEST(a_write_whose_answer_was_lost_is_known_for_ours),
        TEST(a_write_in_doubt_that_cannot_be_read_back_stays_in_doubt),
        TEST(a_document_that_is_too_large_is_not_written),
        TEST(a_document_that_is_no_json_is_an_error),
        TEST(a_range_is_read_with_its_documents),
        TEST(a_pipeline_is_found_by_its_arn_only_while_its_record_says_so),
        TEST(sequencers_have_the_order_of_the_uploads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
