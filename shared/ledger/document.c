#include <stdio.h>

#include "crypto/crypto.h"
#include "ledger/internal.h"

enum { WRITER_BYTES = 8, OVERWRITE_ROUNDS = 5 };

bf_json *bf_ledger_request(const struct bf_ledger *ledger, const char *member,
                           const struct bf_ledger_key *key, bf_json **keys)
{
    bf_json *in = bf_json_new_object(ledger->aws->arena);

    (void)bf_json_add_str(in, "TableName", ledger->table);
    bf_json *object = bf_json_add_object(in, member);
    bf_ddb_str(object, "pk", key->pk);
    bf_ddb_str(object, "sk", key->sk);
    if (keys != NULL) {
        *keys = object;
    }
    return in;
}

static bf_json *map(bf_json *request, const char *member)
{
    bf_json *found = bf_json_get(request, member);

    return found != NULL ? found : bf_json_add_object(request, member);
}

void bf_ledger_name(bf_json *request, const char *name)
{
    char alias[32];

    (void)snprintf(alias, sizeof(alias), "#%s", name);
    (void)bf_json_add_str(map(request, "ExpressionAttributeNames"), alias, bf_sv_of(name));
}

void bf_ledger_value_str(bf_json *request, const char *name, struct bf_sv text)
{
    bf_ddb_str(map(request, "ExpressionAttributeValues"), name, text);
}

void bf_ledger_value_num(bf_json *request, const char *name, int64_t number)
{
    bf_ddb_num(map(request, "ExpressionAttributeValues"), name, number);
}

bool bf_ledger_in_doubt(enum bf_code code)
{
    /* A failed condition may be the work of our own first attempt, whose answer was lost. */
    return code == BF_EAMBIGUOUS || code == BF_ESERVICE || code == BF_ECONFLICT ||
           code == BF_ESYNTAX;
}

int64_t bf_ledger_expiry(const struct bf_ledger *ledger, int days)
{
    return bf_aws_time(ledger->aws, NULL) + ((int64_t)days * BF_LEDGER_DAY);
}

static enum bf_code wrap(struct bf_err *err, const struct bf_ledger_key *key)
{
    return bf_err_wrap(err, "ledger " BF_SV_FMT " " BF_SV_FMT, BF_SV_ARG(key->pk),
                       BF_SV_ARG(key->sk));
}

enum bf_code bf_ledger_read(struct bf_ledger *ledger, const struct bf_ledger_key *key,
                            bf_json **item, struct bf_err *err)
{
    bf_json *in = bf_ledger_request(ledger, "Key", key, NULL);

    (void)bf_json_add_bool(in, "ConsistentRead", true);
    return bf_ddb_get(ledger->aws, in, item, err) == BF_OK ? BF_OK : wrap(err, key);
}

enum bf_code bf_ledger_text(struct bf_ledger *ledger, const struct bf_ledger_key *key,
                            const bf_json *document, struct bf_sv *out, struct bf_err *err)
{
    struct bf_buf text = bf_buf_new(ledger->aws->arena, BF_LEDGER_MAX_DOCUMENT);

    bf_json_print(&text, document);
    if (text.full) {
        (void)bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                         "a document of more than %d bytes, the most an item can hold",
                         BF_LEDGER_MAX_DOCUMENT);
        return wrap(err, key);
    }
    *out = bf_buf_sv(&text);
    return BF_OK;
}

enum bf_code bf_ledger_parse(struct bf_ledger *ledger, const bf_json *item, const char *name,
                             bf_json **out, struct bf_err *err)
{
    struct bf_sv text = bf_ddb_text(item, name);

    *out = NULL;
    if (text.len == 0) {
        return BF_OK;
    }
    if (bf_json_parse(ledger->aws->arena, text, NULL, out, err) != BF_OK) {
        return bf_err_wrap(err, "ledger " BF_SV_FMT ": attribute %s",
                           BF_SV_ARG(bf_ddb_text(item, "pk")), name);
    }
    return BF_OK;
}

static enum bf_code from_item(struct bf_ledger *ledger, const bf_json *item,
                              struct bf_ledger_item *out, struct bf_err *err)
{
    out->version = bf_ddb_int(item, "version", 0);
    out->document = NULL;
    return item == NULL ? BF_OK : bf_ledger_parse(ledger, item, "document", &out->document, err);
}

enum bf_code bf_ledger_get(struct bf_ledger *ledger, const struct bf_ledger_key *key,
                           struct bf_ledger_item *out, struct bf_err *err)
{
    bf_json *item = NULL;

    BF_TRY(bf_ledger_read(ledger, key, &item, err));
    *out = (struct bf_ledger_item){.key = *key};
    return from_item(ledger, item, out, err);
}

/* After a write in doubt: is what is stored ours? */
static bool is_ours(struct bf_ledger *ledger, const struct bf_ledger_key *key, struct bf_sv writer)
{
    struct bf_err ignored = {0};
    bf_json *item = NULL;

    return bf_ledger_read(ledger, key, &item, &ignored) == BF_OK &&
           bf_sv_eq(bf_ddb_text(item, "writer"), writer);
}

enum bf_code bf_ledger_put(struct bf_ledger *ledger, struct bf_ledger_item *item, int days,
                           struct bf_err *err)
{
    struct bf_sv writer = bf_random_hex(ledger->aws->arena, WRITER_BYTES);
    struct bf_err failure = {0};
    struct bf_sv text = {0};
    bf_json *attributes = NULL;
    bf_json *in = bf_ledger_request(ledger, "Item", &item->key, &attributes);

    BF_TRY(bf_ledger_text(ledger, &item->key, item->document, &text, err));
    bf_ddb_str(attributes, "document", text);
    bf_ddb_num(attributes, "version", item->version + 1);
    bf_ddb_str(attributes, "writer", writer);
    if (days != BF_LEDGER_FOREVER) {
        bf_ddb_num(attributes, "expires_at", bf_ledger_expiry(ledger, days));
    }
    if (item->version == 0) {
        (void)bf_json_add_str(in, "ConditionExpression", BF_SV("attribute_not_exists(pk)"));
    } else {
        (void)bf_json_add_str(in, "ConditionExpression", BF_SV("#version = :version"));
        bf_ledger_name(in, "version");
        bf_ledger_value_num(in, ":version", item->version);
    }
    enum bf_code code = bf_ddb_put(ledger->aws, in, NULL, &failure);
    if (code != BF_OK && !(bf_ledger_in_doubt(code) && is_ours(ledger, &item->key, writer))) {
        *err = failure;
        return wrap(err, &item->key);
    }
    item->version++;
    return BF_OK;
}

enum bf_code bf_ledger_overwrite(struct bf_ledger *ledger, struct bf_ledger_item *item, int days,
                                 struct bf_err *err)
{
    for (int round = 1;; round++) {
        struct bf_err failure = {0};
        bf_json *stored = NULL;
        BF_TRY(bf_ledger_read(ledger, &item->key, &stored, err));
        item->version = bf_ddb_int(stored, "version", 0);
        enum bf_code code = bf_ledger_put(ledger, item, days, &failure);
        if (code == BF_OK) {
            return BF_OK;
        }
        if (code != BF_ECONFLICT || round == OVERWRITE_ROUNDS) {
            *err = failure;
            return code;
        }
    }
}

enum bf_code bf_ledger_delete(struct bf_ledger *ledger, const struct bf_ledger_key *key,
                              struct bf_err *err)
{
    bf_json *in = bf_ledger_request(ledger, "Key", key, NULL);

    return bf_ddb_delete(ledger->aws, in, NULL, err) == BF_OK ? BF_OK : wrap(err, key);
}

static bf_json *query_request(const struct bf_ledger *ledger, const struct bf_ledger_range *range)
{
    bf_json *in = bf_json_new_object(ledger->aws->arena);

    (void)bf_json_add_str(in, "TableName", ledger->table);
    (void)bf_json_add_bool(in, "ConsistentRead", true);
    (void)bf_json_add_bool(in, "ScanIndexForward", !range->newest_first);
    bf_ledger_value_str(in, ":pk", range->pk);
    if (range->sk_prefix.len == 0) {
        (void)bf_json_add_str(in, "KeyConditionExpression", BF_SV("pk = :pk"));
    } else {
        (void)bf_json_add_str(in, "KeyConditionExpression",
                              BF_SV("pk = :pk AND begins_with(sk, :sk)"));
        bf_ledger_value_str(in, ":sk", range->sk_prefix);
    }
    return in;
}

enum bf_code bf_ledger_query(struct bf_ledger *ledger, const struct bf_ledger_range *range,
                             struct bf_ledger_items *out, struct bf_err *err)
{
    bf_json *found = NULL;

    *out = (struct bf_ledger_items){0};
    if (bf_ddb_query(ledger->aws, query_request(ledger, range), range->max, &found, err) != BF_OK) {
        return bf_err_wrap(err, "ledger " BF_SV_FMT, BF_SV_ARG(range->pk));
    }
    out->items = BF_NEW_N(ledger->aws->arena, struct bf_ledger_item, bf_json_count(found) + 1);
    for (const bf_json *item = bf_json_first(found); item != NULL; item = bf_json_next(item)) {
        struct bf_ledger_item *one = &out->items[out->count++];
        one->key = (struct bf_ledger_key){bf_ddb_text(item, "pk"), bf_ddb_text(item, "sk")};
        BF_TRY(from_item(ledger, item, one, err));
    }
    return BF_OK;
}
