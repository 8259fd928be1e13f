#include "aws/scheduler.h"

#include "aws/internal.h"

enum { MAX_BODY = 512 * 1024, PAGE = 100 };

static enum bf_code send_json(struct bf_aws *aws, const struct bf_aws_request *request,
                              bf_json **out, struct bf_err *err)
{
    struct bf_http_response response = {0};
    bf_json *answer = NULL;

    BF_TRY(bf_aws_send(aws, request, &response, err));
    if (response.body.len == 0) {
        *out = bf_json_new_object(aws->arena);
        return BF_OK;
    }
    if (bf_json_parse(aws->arena, response.body, NULL, &answer, err) != BF_OK) {
        return bf_err_wrap(err, "scheduler %s: the answer", request->operation);
    }
    *out = answer;
    return BF_OK;
}

/* Names go into the path: nothing but what the service allows may be in them. */
static enum bf_code check(const struct bf_schedule_at *at, struct bf_err *err)
{
    const struct bf_sv names[] = {at->group, at->name};

    for (size_t n = 0; n < BF_COUNTOF(names); n++) {
        bool good = names[n].len != 0 && names[n].len <= 64;
        for (size_t i = 0; i < names[n].len; i++) {
            const char c = names[n].ptr[i];
            good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.');
        }
        if (!good) {
            return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                              "'" BF_SV_FMT
                              "' is no name of a schedule or group; allowed are 1 to "
                              "64 of A-Z a-z 0-9 - _ .",
                              BF_SV_ARG(names[n]));
        }
    }
    return BF_OK;
}

static struct bf_sv path_of(struct bf_aws *aws, const struct bf_schedule_at *at)
{
    return bf_sv_printf(aws->arena, "/schedules/" BF_SV_FMT, BF_SV_ARG(at->name));
}

static enum bf_code write(struct bf_aws *aws, const char *method, const struct bf_schedule_at *at,
                          const bf_json *schedule, struct bf_sv *arn, struct bf_err *err)
{
    const bool create = strcmp(method, "POST") == 0;
    const struct bf_http_header type = {BF_SV("Content-Type"), BF_SV("application/json")};
    struct bf_buf body = bf_buf_new(aws->arena, MAX_BODY);
    bf_json *in = bf_json_new_object(aws->arena);
    bf_json *answer = NULL;

    BF_TRY(check(at, err));
    bf_json_merge(in, schedule);
    bf_json_remove(in, "GroupName");
    bf_json_remove(in, "Name");
    (void)bf_json_add_str(in, "GroupName", at->group);
    bf_json_print(&body, in);
    const struct bf_aws_request request = {
        .service = &bf_aws_scheduler,
        .operation = create ? "CreateSchedule" : "UpdateSchedule",
        .method = method,
        .path = path_of(aws, at),
        .headers = &type,
        .header_count = 1,
        .body = bf_buf_sv(&body),
        .repeatable = !create || bf_json_str(schedule, "ClientToken").len != 0,
    };
    if (body.full) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "scheduler %s: more than %d bytes",
                          request.operation, MAX_BODY);
    }
    BF_TRY(send_json(aws, &request, &answer, err));
    if (arn != NULL) {
        *arn = bf_json_str(answer, "ScheduleArn");
    }
    return BF_OK;
}

enum bf_code bf_scheduler_create(struct bf_aws *aws, const struct bf_schedule_at *at,
                                 const bf_json *schedule, struct bf_sv *arn, struct bf_err *err)
{
    return write(aws, "POST", at, schedule, arn, err);
}

enum bf_code bf_scheduler_update(struct bf_aws *aws, const struct bf_schedule_at *at,
                                 const bf_json *schedule, struct bf_sv *arn, struct bf_err *err)
{
    return write(aws, "PUT", at, schedule, arn, err);
}

enum bf_code bf_scheduler_get(struct bf_aws *aws, const struct bf_schedule_at *at, bf_json **out,
                              struct bf_err *err)
{
    const struct bf_aws_param group = {BF_SV("groupName"), at->group};

    BF_TRY(check(at, err));
    const struct bf_aws_request request = {.service = &bf_aws_scheduler,
                                           .operation = "GetSchedule",
                                           .method = "GET",
                                           .path = path_of(aws, at),
                                           .query = &group,
                                           .query_count = 1,
                                           .repeatable = true};
    return send_json(aws, &request, out, err);
}

enum bf_code bf_scheduler_delete(struct bf_aws *aws, const struct bf_schedule_at *at,
                                 struct bf_err *err)
{
    const struct bf_aws_param group = {BF_SV("groupName"), at->group};
    bf_json *answer = NULL;

    BF_TRY(check(at, err));
    const struct bf_aws_request request = {.service = &bf_aws_scheduler,
                                           .operation = "DeleteSchedule",
                                           .method = "DELETE",
                                           .path = path_of(aws, at),
                                           .query = &group,
                                           .query_count = 1,
                                           .repeatable = true};
    struct bf_err failure = {0};
    enum bf_code code = send_json(aws, &request, &answer, &failure);
    if (code == BF_OK || code == BF_ENOTFOUND) {
        return BF_OK;
    }
    *err = failure;
    return code;
}

enum bf_code bf_scheduler_list(struct bf_aws *aws, const struct bf_schedule_at *at, size_t max,
                               bf_json **out, struct bf_err *err)
{
    struct bf_aws_param query[] = {{BF_SV("MaxResults"), bf_sv_printf(aws->arena, "%d", PAGE)},
                                   {BF_SV("ScheduleGroup"), at->group},
                                   {{0}, {0}},
                                   {{0}, {0}}};
    struct bf_aws_request request = {.service = &bf_aws_scheduler,
                                     .operation = "ListSchedules",
                                     .method = "GET",
                                     .path = BF_SV("/schedules"),
                                     .query = query,
                                     .query_count = 2,
                                     .repeatable = true};
    bf_json *found = bf_json_new_array(aws->arena);
    size_t count = 0;

    if (at->name.len != 0) {
        query[request.query_count++] = (struct bf_aws_param){BF_SV("NamePrefix"), at->name};
    }
    const size_t token_at = request.query_count;
    for (size_t page = 0; page <= max && count < max; page++) {
        bf_json *answer = NULL;
        BF_TRY(send_json(aws, &request, &answer, err));
        const bf_json *item = bf_json_first(bf_json_get(answer, "Schedules"));
        for (; item != NULL && count < max; item = bf_json_next(item), count++) {
            (void)bf_json_add_copy(found, NULL, item);
        }
        struct bf_sv token = bf_json_str(answer, "NextToken");
        if (token.len == 0) {
            break;
        }
        query[token_at] = (struct bf_aws_param){BF_SV("NextToken"), token};
        request.query_count = token_at + 1;
    }
    *out = found;
    return BF_OK;
}
