#include "aws/sqs.h"

#include "aws/internal.h"

static const struct bf_aws_operation send_message = {&bf_aws_sqs, "SendMessage", false};
static const struct bf_aws_operation change = {&bf_aws_sqs, "ChangeMessageVisibility", true};
static const struct bf_aws_operation delete_message = {&bf_aws_sqs, "DeleteMessage", true};
static const struct bf_aws_operation receive = {&bf_aws_sqs, "ReceiveMessage", true};
static const struct bf_aws_operation get_attributes = {&bf_aws_sqs, "GetQueueAttributes", true};
static const struct bf_aws_operation get_url = {&bf_aws_sqs, "GetQueueUrl", true};

static int64_t clamp(int64_t value, int64_t min, int64_t max)
{
    if (value < min) {
        return min;
    }
    return value > max ? max : value;
}

static bf_json *for_queue(struct bf_aws *aws, struct bf_sv url)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "QueueUrl", url);
    return in;
}

static bf_json *all(bf_json *in, const char *member)
{
    bf_json *names = bf_json_add_array(in, member);

    (void)bf_json_add_str(names, NULL, BF_SV("All"));
    return names;
}

enum bf_code bf_sqs_send(struct bf_aws *aws, const struct bf_sqs_message *message, struct bf_sv *id,
                         struct bf_err *err)
{
    bf_json *in = for_queue(aws, message->queue_url);
    bf_json *attributes = NULL;
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "MessageBody", message->body);
    if (message->delay > 0) {
        (void)bf_json_add_i64(in, "DelaySeconds", clamp(message->delay, 0, BF_SQS_MAX_DELAY));
    }
    const bf_json *a = bf_json_first(message->attributes);
    for (; a != NULL; a = bf_json_next(a)) {
        if (bf_json_text(a).len == 0) { /* SQS refuses empty ones */
            continue;
        }
        if (attributes == NULL) {
            attributes = bf_json_add_object(in, "MessageAttributes");
        }
        bf_json *one = bf_json_add_object(attributes, bf_sv_z(aws->arena, bf_json_key(a)));
        (void)bf_json_add_str(one, "DataType", BF_SV("String"));
        (void)bf_json_add_str(one, "StringValue", bf_json_text(a));
    }
    BF_TRY(bf_aws_json_call(aws, &send_message, in, &answer, err));
    if (id != NULL) {
        *id = bf_json_str(answer, "MessageId");
    }
    return BF_OK;
}

enum bf_code bf_sqs_change_visibility(struct bf_aws *aws, struct bf_sv queue_url,
                                      struct bf_sv receipt, int64_t seconds, struct bf_err *err)
{
    bf_json *in = for_queue(aws, queue_url);

    (void)bf_json_add_str(in, "ReceiptHandle", receipt);
    (void)bf_json_add_i64(in, "VisibilityTimeout", clamp(seconds, 0, BF_SQS_MAX_VISIBILITY));
    return bf_aws_json_call(aws, &change, in, NULL, err);
}

enum bf_code bf_sqs_delete(struct bf_aws *aws, struct bf_sv queue_url, struct bf_sv receipt,
                           struct bf_err *err)
{
    bf_json *in = for_queue(aws, queue_url);

    (void)bf_json_add_str(in, "ReceiptHandle", receipt);
    return bf_aws_json_call(aws, &delete_message, in, NULL, err);
}

enum bf_code bf_sqs_receive(struct bf_aws *aws, const struct bf_sqs_receive *how,
                            bf_json **messages, struct bf_err *err)
{
    bf_json *in = for_queue(aws, how->queue_url);
    bf_json *answer = NULL;

    (void)bf_json_add_i64(in, "MaxNumberOfMessages", clamp(how->max, 1, 10));
    (void)bf_json_add_i64(in, "WaitTimeSeconds", clamp(how->wait, 0, 20));
    if (how->visibility >= 0) {
        (void)bf_json_add_i64(in, "VisibilityTimeout",
                              clamp(how->visibility, 0, BF_SQS_MAX_VISIBILITY));
    }
    (void)all(in, "AttributeNames");
    (void)all(in, "MessageAttributeNames");
    BF_TRY(bf_aws_json_call(aws, &receive, in, &answer, err));
    *messages = bf_json_get(answer, "Messages");
    if (*messages == NULL) {
        *messages = bf_json_new_array(aws->arena);
    }
    return BF_OK;
}

enum bf_code bf_sqs_attributes(struct bf_aws *aws, struct bf_sv queue_url, bf_json **out,
                               struct bf_err *err)
{
    bf_json *in = for_queue(aws, queue_url);
    bf_json *answer = NULL;

    (void)all(in, "AttributeNames");
    BF_TRY(bf_aws_json_call(aws, &get_attributes, in, &answer, err));
    *out = bf_json_get(answer, "Attributes");
    if (*out == NULL) {
        *out = bf_json_new_object(aws->arena);
    }
    return BF_OK;
}

enum bf_code bf_sqs_queue_url(struct bf_aws *aws, struct bf_sv name, struct bf_sv *url,
                              struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "QueueName", name);
    BF_TRY(bf_aws_json_call(aws, &get_url, in, &answer, err));
    return bf_json_need_str(answer, "QueueUrl", url, err);
}
