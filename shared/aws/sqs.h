#ifndef BF_AWS_SQS_H
#define BF_AWS_SQS_H

#include "aws/aws.h"

/** SQS by AWS JSON 1.0. Queues are named by their URL. */
enum {
    BF_SQS_MAX_DELAY = 900,        /* seconds */
    BF_SQS_MAX_VISIBILITY = 43200, /* seconds */
};

struct bf_sqs_message {
    struct bf_sv queue_url, body;
    int64_t delay; /* seconds, 0 to 900; clamped */
    const bf_json
        *attributes; /* object: name -> text, sent as String; empty ones not; NULL: none */
};

/** *id (may be NULL) is the message id. Not repeatable: a lost answer is BF_EAMBIGUOUS. */
BF_NODISCARD enum bf_code bf_sqs_send(struct bf_aws *aws, const struct bf_sqs_message *message,
                                      struct bf_sv *id, struct bf_err *err);

/** ${seconds} from now, 0 to 43200; clamped. */
BF_NODISCARD enum bf_code bf_sqs_change_visibility(struct bf_aws *aws, struct bf_sv queue_url,
                                                   struct bf_sv receipt, int64_t seconds,
                                                   struct bf_err *err);

BF_NODISCARD enum bf_code bf_sqs_delete(struct bf_aws *aws, struct bf_sv queue_url,
                                        struct bf_sv receipt, struct bf_err *err);

struct bf_sqs_receive {
    struct bf_sv queue_url;
    int64_t max;        /* 1 to 10 */
    int64_t wait;       /* seconds of long polling, 0 to 20 */
    int64_t visibility; /* seconds; negative: the queue's own */
};
/** An array of messages with all attributes; empty when there is none. */
BF_NODISCARD enum bf_code bf_sqs_receive(struct bf_aws *aws, const struct bf_sqs_receive *how,
                                         bf_json **messages, struct bf_err *err);

/** All attributes: an object of name -> text. */
BF_NODISCARD enum bf_code bf_sqs_attributes(struct bf_aws *aws, struct bf_sv queue_url,
                                            bf_json **out, struct bf_err *err);

BF_NODISCARD enum bf_code bf_sqs_queue_url(struct bf_aws *aws, struct bf_sv name, struct bf_sv *url,
                                           struct bf_err *err);

#endif /* BF_AWS_SQS_H */
