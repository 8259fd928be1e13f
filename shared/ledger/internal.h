#ifndef BF_LEDGER_INTERNAL_H
#define BF_LEDGER_INTERNAL_H

#include "aws/dynamodb.h"
#include "ledger/ledger.h"

/* What the files of this library share and nobody else includes. */

enum { BF_LEDGER_DAY = 24 * 60 * 60 };

/** {"TableName", ${member}: {"pk","sk"}}; *keys gets the object with the keys. */
bf_json *bf_ledger_request(const struct bf_ledger *ledger, const char *member,
                           const struct bf_ledger_key *key, bf_json **keys);

/** The item with strong consistency, NULL when there is none. */
BF_NODISCARD enum bf_code bf_ledger_read(struct bf_ledger *ledger, const struct bf_ledger_key *key,
                                         bf_json **item, struct bf_err *err);

/** Text of ${document}, BF_ETOOLARGE past the limit. */
BF_NODISCARD enum bf_code bf_ledger_text(struct bf_ledger *ledger, const struct bf_ledger_key *key,
                                         const bf_json *document, struct bf_sv *out,
                                         struct bf_err *err);

/** The JSON in attribute ${name}; *out NULL when there is none. */
BF_NODISCARD enum bf_code bf_ledger_parse(struct bf_ledger *ledger, const bf_json *item,
                                          const char *name, bf_json **out, struct bf_err *err);

/** A name for use in expressions: "#version" for "version" (many of ours are reserved words). */
void bf_ledger_name(bf_json *request, const char *name);
void bf_ledger_value_str(bf_json *request, const char *name, struct bf_sv text);
void bf_ledger_value_num(bf_json *request, const char *name, int64_t number);

/** May a write that failed with ${code} have been carried out? Then it must be read back. */
bool bf_ledger_in_doubt(enum bf_code code);

/** ${days} from the service's now, in seconds since 1970. */
int64_t bf_ledger_expiry(const struct bf_ledger *ledger, int days);

#endif /* BF_LEDGER_INTERNAL_H */
