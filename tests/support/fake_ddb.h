#ifndef BF_TESTS_SUPPORT_FAKE_DDB_H
#define BF_TESTS_SUPPORT_FAKE_DDB_H

/**
 * DynamoDB in memory for unit tests, as far as the ledger uses it: one table, GetItem, PutItem,
 * UpdateItem (SET), DeleteItem, Query by pk and begins_with(sk); conditions of comparisons for
 * equality and attribute_(not_)exists joined by AND. Anything else fails the test. Header-only,
 * because the support sources are linked with tests that have no json library.
 *
 *   struct fake_ddb table = {.arena = arena};
 *   world.context = &table;
 *   world.handle = fake_ddb_handle;
 *
 * Use it from your own handle for requests with "DynamoDB_20120810" in them. Every answer has a
 * Date header that says world->now_ms + table.skew_ms.
 */
#include <stdio.h>
#include <time.h>

#include "fake_http.h"
#include "json/json.h"

enum { FAKE_DDB_MAX = 256 };

struct fake_ddb {
    struct bf_arena *arena;
    bf_json *items[FAKE_DDB_MAX];
    size_t count;
    int64_t skew_ms; /* of the service's clock against the host's */
};

static inline struct bf_sv fake_ddb_text(const bf_json *item, struct bf_sv name)
{
    const bf_json *value = bf_json_get_sv(item, name);
    const bf_json *text = bf_json_get(value, "S");

    return bf_json_text(text != NULL ? text : bf_json_get(value, "N"));
}

static inline size_t fake_ddb_find(const struct fake_ddb *table, const bf_json *key)
{
    size_t i = 0;

    while (
        i < table->count &&
        (!bf_sv_eq(fake_ddb_text(table->items[i], BF_SV("pk")), fake_ddb_text(key, BF_SV("pk"))) ||
         !bf_sv_eq(fake_ddb_text(table->items[i], BF_SV("sk")), fake_ddb_text(key, BF_SV("sk"))))) {
        i++;
    }
    return i;
}

/** The attribute's name behind "#alias" or "name". */
static inline struct bf_sv fake_ddb_name(const bf_json *in, struct bf_sv word)
{
    return word.len != 0 && word.ptr[0] == '#'
               ? bf_json_text(bf_json_get_sv(bf_json_get(in, "ExpressionAttributeNames"), word))
               : word;
}

static inline bool fake_ddb_term(const bf_json *in, const bf_json *item, struct bf_sv term)
{
    const size_t open = bf_sv_find(term, '(');

    if (open != term.len) {
        struct bf_sv function = bf_sv_slice(term, 0, open);
        struct bf_sv name = fake_ddb_name(in, bf_sv_slice(term, open + 1, term.len - 1));
        const bool exists = bf_json_get_sv(item, name) != NULL;
        return bf_sv_is(function, "attribute_exists") ? exists : !exists;
    }
    struct bf_sv rest = term;
    struct bf_sv left = bf_sv_trim(bf_sv_cut(&rest, '='));
    const bf_json *values = bf_json_get(in, "ExpressionAttributeValues");
    return item != NULL && bf_json_equal(bf_json_get_sv(item, fake_ddb_name(in, left)),
                                         bf_json_get_sv(values, bf_sv_trim(rest)));
}

static inline bool fake_ddb_condition(const bf_json *in, const bf_json *item)
{
    struct bf_sv rest = bf_json_str(in, "ConditionExpression");

    while (rest.len != 0) {
        const size_t end = bf_sv_search(rest, BF_SV(" AND "));
        if (!fake_ddb_term(in, item, bf_sv_trim(bf_sv_slice(rest, 0, end)))) {
            return false;
        }
        rest = bf_sv_from(rest, end + 5);
    }
    return true;
}

static inline void fake_ddb_set(struct fake_ddb *table, const bf_json *in, bf_json *item)
{
    struct bf_sv rest = bf_json_str(in, "UpdateExpression");

    rest = bf_sv_from(rest, 4); /* "SET " */
    while (rest.len != 0) {
        struct bf_sv one = bf_sv_cut(&rest, ',');
        struct bf_sv name = fake_ddb_name(in, bf_sv_trim(bf_sv_cut(&one, '=')));
        const char *z = bf_sv_z(table->arena, name);
        bf_json_remove(item, z);
        (void)bf_json_add_copy(
            item, z, bf_json_get_sv(bf_json_get(in, "ExpressionAttributeValues"), bf_sv_trim(one)));
    }
}

static inline struct bf_sv fake_ddb_query(struct fake_ddb *table, const bf_json *in)
{
    const bf_json *values = bf_json_get(in, "ExpressionAttributeValues");
    bf_json *answer = bf_json_new_object(table->arena);
    bf_json *items = bf_json_add_array(answer, "Items");

    for (size_t i = 0; i < table->count; i++) { /* in the order of writing: enough for tests */
        if (bf_sv_eq(fake_ddb_text(table->items[i], BF_SV("pk")),
                     fake_ddb_text(values, BF_SV(":pk"))) &&
            bf_sv_starts(fake_ddb_text(table->items[i], BF_SV("sk")),
                         fake_ddb_text(values, BF_SV(":sk")))) {
            (void)bf_json_add_copy(items, NULL, table->items[i]);
        }
    }
    return bf_json_text_of(table->arena, answer);
}

/** Carry out the write; false: the condition failed. */
static inline bool fake_ddb_write(struct fake_ddb *table, struct bf_sv operation, const bf_json *in)
{
    const bool put = bf_sv_is(operation, "PutItem");
    const bf_json *key = bf_json_get(in, put ? "Item" : "Key");
    size_t at = fake_ddb_find(table, key);
    bf_json *item = at == table->count ? NULL : table->items[at];

    if (!fake_ddb_condition(in, item)) {
        return false;
    }
    if (bf_sv_is(operation, "DeleteItem")) {
        if (item != NULL) {
            table->items[at] = table->items[--table->count];
        }
        return true;
    }
    bf_json *fresh = bf_json_new_object(table->arena);
    bf_json_merge(fresh, put || item == NULL ? key : item);
    if (!put) {
        fake_ddb_set(table, in, fresh);
    }
    table->items[at] = fresh;
    table->count += at == table->count;
    return true;
}

static inline void fake_ddb_date(const struct fake_http *world, const struct fake_ddb *table,
                                 struct fake_http_step *answer)
{
    const time_t seconds = (time_t)((world->now_ms + table->skew_ms) / 1000);
    char *text = bf_arena_alloc(table->arena, 64, 1);
    struct tm tm = {0};

    (void)gmtime_r(&seconds, &tm);
    (void)strftime(text, 64, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    fake_http_header(answer, "Date", text);
}

/** For fake_http.handle, with a struct fake_ddb as world->context. */
static inline enum bf_code fake_ddb_handle(struct fake_http *world,
                                           const struct fake_http_request *request,
                                           struct fake_http_step *answer)
{
    struct fake_ddb *table = world->context;
    struct bf_sv target = fake_http_sent(request, "X-Amz-Target");
    struct bf_sv operation = bf_sv_from(target, bf_sv_find(target, '.') + 1);
    struct bf_err err = {0};
    bf_json *in = NULL;

    assert_int_equal(bf_json_parse(table->arena, request->body, NULL, &in, &err), BF_OK);
    fake_ddb_date(world, table, answer);
    answer->body = BF_SV("{}");
    if (bf_sv_is(operation, "GetItem")) {
        const size_t at = fake_ddb_find(table, bf_json_get(in, "Key"));
        if (at != table->count) {
            answer->body = bf_sv_printf(table->arena, "{\"Item\":" BF_SV_FMT "}",
                                        BF_SV_ARG(bf_json_text_of(table->arena, table->items[at])));
        }
    } else if (bf_sv_is(operation, "Query")) {
        answer->body = fake_ddb_query(table, in);
    } else if (!fake_ddb_write(table, operation, in)) {
        answer->status = 400;
        answer->body = BF_SV(
            "{\"__type\":\"com.amazonaws.dynamodb.v20120810#"
            "ConditionalCheckFailedException\","
            "\"message\":\"The conditional request failed\"}");
    }
    return BF_OK;
}

#endif /* BF_TESTS_SUPPORT_FAKE_DDB_H */
