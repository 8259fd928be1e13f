#include "aws/dynamodb.h"

#include <inttypes.h>
#include <stdio.h>

#include "aws/internal.h"

/*
 * Writes count as repeatable too: what matters here is guarded by conditions, and who reads back
 * after a failed condition (the ledger does, by a mark of his own) cannot be fooled by a repeat.
 */
#define OPERATION(name_)                                                                           \
    &(const struct bf_aws_operation)                                                               \
    {                                                                                              \
        .service = &bf_aws_dynamodb, .name = (name_), .repeatable = true                           \
    }

enum bf_code bf_ddb_get(struct bf_aws *aws, const bf_json *in, bf_json **item, struct bf_err *err)
{
    bf_json *answer = NULL;

    BF_TRY(bf_aws_json_call(aws, OPERATION("GetItem"), in, &answer, err));
    *item = bf_json_get(answer, "Item");
    return BF_OK;
}

enum bf_code bf_ddb_put(struct bf_aws *aws, const bf_json *in, bf_json **out, struct bf_err *err)
{
    return bf_aws_json_call(aws, OPERATION("PutItem"), in, out, err);
}

enum bf_code bf_ddb_update(struct bf_aws *aws, const bf_json *in, bf_json **out, struct bf_err *err)
{
    return bf_aws_json_call(aws, OPERATION("UpdateItem"), in, out, err);
}

enum bf_code bf_ddb_delete(struct bf_aws *aws, const bf_json *in, bf_json **out, struct bf_err *err)
{
    return bf_aws_json_call(aws, OPERATION("DeleteItem"), in, out, err);
}

enum bf_code bf_ddb_query(struct bf_aws *aws, bf_json *in, size_t max, bf_json **items,
                          struct bf_err *err)
{
    bf_json *all = bf_json_new_array(aws->arena);
    size_t count = 0;

    for (size_t page = 0; page <= max && count < max; page++) { /* pages may be empty */
        bf_json *answer = NULL;
        bf_json_remove(in, "Limit");
        (void)bf_json_add_i64(in, "Limit", (int64_t)(max - count));
        BF_TRY(bf_aws_json_call(aws, OPERATION("Query"), in, &answer, err));
        const bf_json *item = bf_json_first(bf_json_get(answer, "Items"));
        for (; item != NULL && count < max; item = bf_json_next(item), count++) {
            (void)bf_json_add_copy(all, NULL, item);
        }
        const bf_json *last = bf_json_get(answer, "LastEvaluatedKey");
        if (bf_json_count(last) == 0) {
            break;
        }
        bf_json_remove(in, "ExclusiveStartKey");
        (void)bf_json_add_copy(in, "ExclusiveStartKey", last);
    }
    *items = all;
    return BF_OK;
}

void bf_ddb_str(bf_json *item, const char *name, struct bf_sv text)
{
    (void)bf_json_add_str(bf_json_add_object(item, name), "S", text);
}

void bf_ddb_num(bf_json *item, const char *name, int64_t number)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%" PRId64, number);
    (void)bf_json_add_str(bf_json_add_object(item, name), "N", bf_sv_of(text));
}

struct bf_sv bf_ddb_text(const bf_json *item, const char *name)
{
    const bf_json *value = bf_json_get(item, name);
    struct bf_sv text = bf_json_str(value, "S");

    return text.len != 0 ? text : bf_json_str(value, "N");
}

int64_t bf_ddb_int(const bf_json *item, const char *name, int64_t otherwise)
{
    int64_t number = otherwise;

    return bf_sv_i64(bf_ddb_text(item, name), INT64_MIN, INT64_MAX, &number) ? number : otherwise;
}
