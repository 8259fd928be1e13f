#ifndef BF_AWS_DYNAMODB_H
#define BF_AWS_DYNAMODB_H

#include "aws/aws.h"

/**
 * DynamoDB's item calls (JSON 1.0). Items are in DynamoDB's JSON: {"pk":{"S":"..."},...}.
 * The request is AWS's own JSON, so that every condition can be written; see bf_ddb_str and
 * bf_ddb_num for the attributes. A failed condition is BF_ECONFLICT. Every call is repeated after
 * a lost answer, writes too: a BF_ECONFLICT may then be the work of our own first attempt, so
 * read back and compare (the ledger does it by a random mark in the item). No ADD, therefore.
 */
BF_NODISCARD enum bf_code bf_ddb_get(struct bf_aws *aws, const bf_json *in, bf_json **item,
                                     struct bf_err *err); /* *item: NULL when there is none */
BF_NODISCARD enum bf_code bf_ddb_put(struct bf_aws *aws, const bf_json *in, bf_json **out,
                                     struct bf_err *err);
BF_NODISCARD enum bf_code bf_ddb_update(struct bf_aws *aws, const bf_json *in, bf_json **out,
                                        struct bf_err *err);
BF_NODISCARD enum bf_code bf_ddb_delete(struct bf_aws *aws, const bf_json *in, bf_json **out,
                                        struct bf_err *err);

/** All pages up to ${max} items; *items is an array of items. */
BF_NODISCARD enum bf_code bf_ddb_query(struct bf_aws *aws, bf_json *in, size_t max, bf_json **items,
                                       struct bf_err *err);

/** Add ${name}: {"S": text} or {"N": "number"} to ${item}. */
void bf_ddb_str(bf_json *item, const char *name, struct bf_sv text);
void bf_ddb_num(bf_json *item, const char *name, int64_t number);

/** The S or N of attribute ${name}; empty, or ${otherwise}, when there is none. */
struct bf_sv bf_ddb_text(const bf_json *item, const char *name);
int64_t bf_ddb_int(const bf_json *item, const char *name, int64_t otherwise);

#endif /* BF_AWS_DYNAMODB_H */
