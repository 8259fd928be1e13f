#include "aws/sns.h"

#include "aws/internal.h"
#include "aws/xml.h"

enum { MAX_FORM = 1024 * 1024, MAX_SUBJECT = 100 };

static void add_attribute(struct bf_buf *form, size_t at, struct bf_sv name, struct bf_sv value)
{
    struct bf_arena *arena = form->arena;
    const char *entry = bf_sv_printf(arena, "MessageAttributes.entry.%zu", at).ptr;

    bf_http_form(form, bf_sv_printf(arena, "%s.Name", entry), name);
    bf_http_form(form, bf_sv_printf(arena, "%s.Value.DataType", entry), BF_SV("String"));
    bf_http_form(form, bf_sv_printf(arena, "%s.Value.StringValue", entry), value);
}

static size_t add_attributes(struct bf_buf *form, const bf_json *attributes)
{
    size_t bytes = 0;
    size_t at = 0;

    for (const bf_json *a = bf_json_first(attributes); a != NULL; a = bf_json_next(a)) {
        struct bf_sv value = bf_json_text(a);
        if (value.len != 0) { /* SNS refuses empty ones */
            add_attribute(form, ++at, bf_json_key(a), value);
            bytes += bf_json_key(a).len + value.len + strlen("String");
        }
    }
    return bytes;
}

enum bf_code bf_sns_publish(struct bf_aws *aws, const struct bf_sns_message *message,
                            struct bf_sv *id, struct bf_err *err)
{
    struct bf_buf form = bf_buf_new(aws->arena, MAX_FORM);
    struct bf_xml *answer = NULL;

    bf_http_form(&form, BF_SV("TopicArn"), message->topic_arn);
    bf_http_form(&form, BF_SV("Message"), bf_sv_slice(message->text, 0, BF_SNS_MAX_BYTES));
    if (message->subject.len != 0) {
        bf_http_form(&form, BF_SV("Subject"), bf_sv_slice(message->subject, 0, MAX_SUBJECT));
    }
    const size_t bytes = message->text.len + add_attributes(&form, message->attributes);
    if (bytes > BF_SNS_MAX_BYTES || form.full) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                          "sns Publish: a message of %zu bytes; allowed are %d", bytes,
                          BF_SNS_MAX_BYTES);
    }
    const struct bf_aws_request request = {.service = &bf_aws_sns, .operation = "Publish"};
    BF_TRY(bf_aws_query_call(aws, &request, bf_buf_sv(&form), &answer, err));
    if (id != NULL) {
        *id = bf_xml_text(answer, "PublishResult/MessageId");
    }
    return BF_OK;
}
