#ifndef BF_LEDGER_LEDGER_H
#define BF_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/aws.h"
#include "ledger/keys.h"

/**
 * What must be remembered: one DynamoDB table, keys in keys.h. An item is
 *   pk, sk       its key
 *   document (S) JSON text
 *   version (N)  1, 2, 3 ... one more with each write
 *   writer (S)   a random mark of the last write: tells our own write after a lost answer
 *   expires_at (N) seconds since 1970, for the table's TTL; absent: kept for ever
 * and, for claims, status, owner, lease_until. Reads are strongly consistent. Every write is
 * safe against a lost answer: it is read back, so BF_EAMBIGUOUS leaves this library only when
 * the reading back failed too.
 */
struct bf_ledger {
    struct bf_aws *aws; /* its arena holds everything returned */
    struct bf_sv table;
};

enum {
    BF_LEDGER_MAX_DOCUMENT = 380 * 1024, /* bytes; DynamoDB's limit for an item is 400 KB */
    BF_LEDGER_CLAIM_DAYS = 45,
    BF_LEDGER_RUN_DAYS = 400,
    BF_LEDGER_FOREVER = 0,
};

/* ---- documents ---- */

struct bf_ledger_item {
    struct bf_ledger_key key;
    int64_t version;   /* 0: there is none */
    bf_json *document; /* NULL: there is none */
};

/** An item that is not there is no error: version 0, document NULL. */
BF_NODISCARD enum bf_code bf_ledger_get(struct bf_ledger *ledger, const struct bf_ledger_key *key,
                                        struct bf_ledger_item *out, struct bf_err *err);

/**
 * Write item->document under item->key if the stored version is item->version (0: if there is
 * none), and count item->version up. BF_ECONFLICT: someone else wrote; read again.
 * ${days} from now it expires (BF_LEDGER_FOREVER: never).
 */
BF_NODISCARD enum bf_code bf_ledger_put(struct bf_ledger *ledger, struct bf_ledger_item *item,
                                        int days, struct bf_err *err);

/** Write whatever is there. *item's version becomes the new one. */
BF_NODISCARD enum bf_code bf_ledger_overwrite(struct bf_ledger *ledger, struct bf_ledger_item *item,
                                              int days, struct bf_err *err);

/** No error when it is not there. */
BF_NODISCARD enum bf_code bf_ledger_delete(struct bf_ledger *ledger,
                                           const struct bf_ledger_key *key, struct bf_err *err);

struct bf_ledger_range {
    struct bf_sv pk;
    struct bf_sv sk_prefix; /* empty: all of the partition */
    bool newest_first;      /* descending by sk */
    size_t max;
};
struct bf_ledger_items {
    struct bf_ledger_item *items;
    size_t count;
};
/** The items of a partition whose sk begins with sk_prefix, by sk, at most max. */
BF_NODISCARD enum bf_code bf_ledger_query(struct bf_ledger *ledger,
                                          const struct bf_ledger_range *range,
                                          struct bf_ledger_items *out, struct bf_err *err);

/* ---- claims: do a thing once, whoever gets the message ----
 *
 *   struct bf_claim claim;
 *   BF_TRY(bf_ledger_claim(ledger, &(struct bf_claim_wish){key, owner, seconds}, &claim, err));
 *   BF_CLAIM_DONE: somebody did it, claim.result is what he left.   Report success.
 *   BF_CLAIM_BUSY: somebody is at it until claim.lease_until.       Come again after that.
 *   BF_CLAIM_TAKEN: ours. When claim.taken_over, an earlier owner had it and left no result:
 *       look what he did (claim.note is his last note, or NULL) before doing it again.
 *   ... bf_ledger_note() before each step that cannot be taken back ...
 *   bf_ledger_complete(..., result) or, after a failure, bf_ledger_release().
 */
enum bf_claim_outcome { BF_CLAIM_TAKEN, BF_CLAIM_DONE, BF_CLAIM_BUSY };

struct bf_claim_wish {
    struct bf_sv key;      /* names the thing to be done, SHA-256 hex or readable text */
    struct bf_sv owner;    /* who wants it, for people who read the table: the request id */
    int64_t lease_seconds; /* the time it can take at most: what is left of the invocation */
};

struct bf_claim {
    struct bf_ledger_key key;
    struct bf_sv owner; /* the wish's owner and a random mark */
    enum bf_claim_outcome outcome;
    bool taken_over;
    int64_t lease_until; /* seconds since 1970 by the service's clock */
    int64_t time;        /* the service's clock when it was judged */
    bf_json *result;     /* BF_CLAIM_DONE; may be NULL when completed without one */
    bf_json *note;       /* the last note of whoever had it; NULL: none */
};

/** The lease is judged by the Date header of the answer that told it, never by the host's clock. */
BF_NODISCARD enum bf_code bf_ledger_claim(struct bf_ledger *ledger,
                                          const struct bf_claim_wish *wish, struct bf_claim *out,
                                          struct bf_err *err);

/** Keep ${note} with the claim for whoever takes it over. BF_ECONFLICT: it is not ours any more. */
BF_NODISCARD enum bf_code bf_ledger_note(struct bf_ledger *ledger, struct bf_claim *claim,
                                         const bf_json *note, struct bf_err *err);

/** Done; ${result} (may be NULL) is what later askers get. BF_ECONFLICT: not ours any more. */
BF_NODISCARD enum bf_code bf_ledger_complete(struct bf_ledger *ledger, struct bf_claim *claim,
                                             const bf_json *result, struct bf_err *err);

/**
 * Give it back after a failure, so that the next one need not wait for the lease. The row stays
 * (the next owner is told taken_over) if it was taken over, noted, or ${unsure}: something may
 * have been done. Otherwise it is removed. No error when it is not ours any more.
 */
BF_NODISCARD enum bf_code bf_ledger_release(struct bf_ledger *ledger, struct bf_claim *claim,
                                            bool unsure, struct bf_err *err);

/* ---- pipeline records ---- */

/** Record of a pipeline by its name, or by its ARN; version 0 when this stack has none. */
BF_NODISCARD enum bf_code bf_ledger_pipeline(struct bf_ledger *ledger, struct bf_sv name,
                                             struct bf_ledger_item *out, struct bf_err *err);
BF_NODISCARD enum bf_code bf_ledger_pipeline_by_arn(struct bf_ledger *ledger, struct bf_sv arn,
                                                    struct bf_ledger_item *out, struct bf_err *err);

/**
 * Write a pipeline's record (its members "pipeline" and "arn" name it) and its two index items,
 * under the rule of bf_ledger_put. Record's member "version" is the caller's to count.
 */
BF_NODISCARD enum bf_code bf_ledger_put_pipeline(struct bf_ledger *ledger,
                                                 struct bf_ledger_item *item, struct bf_err *err);

/** Remove the record and its index items. No error when they are not there. */
BF_NODISCARD enum bf_code bf_ledger_delete_pipeline(struct bf_ledger *ledger, struct bf_sv name,
                                                    struct bf_err *err);

/** Names and ARNs of all pipelines of this stack: items whose document is {"pipeline","arn"}. */
BF_NODISCARD enum bf_code bf_ledger_pipelines(struct bf_ledger *ledger, size_t max,
                                              struct bf_ledger_items *out, struct bf_err *err);

#endif /* BF_LEDGER_LEDGER_H */
