#include "base/utf8.h"
#include "expression/ere.h"
#include "expression/expression.h"
#include "spec/check.h"
#include "spec/meant.h"
#include "spec/rules.h"

/* Triggers: events, conditions on them, keys. */

struct short_name {
    const char *word, *path;
};

/** An event that has a name. Sources: the services' EventBridge references. */
struct event_row {
    const char *name, *source, *detail_type, *state_path;
    const char *states[3];
    struct short_name shorts[3];
};

#define SAGEMAKER_STATUS "SageMaker Model Building Pipeline Execution Status Change"

static const struct event_row events[] = {
    {"s3.object_created",
     "aws.s3",
     "Object Created",
     "",
     {NULL},
     {{"bucket", "bucket.name"}, {"key", "object.key"}}},
    {"glue.job_succeeded",
     "aws.glue",
     "Glue Job State Change",
     "state",
     {"SUCCEEDED"},
     {{"job", "jobName"}}},
    {"glue.job_failed",
     "aws.glue",
     "Glue Job State Change",
     "state",
     {"FAILED", "TIMEOUT"},
     {{"job", "jobName"}}},
    {"glue.table_changed",
     "aws.glue",
     "Glue Data Catalog Table State Change",
     "",
     {NULL},
     {{"database", "databaseName"}, {"table", "tableName"}}},
    {"athena.query_succeeded",
     "aws.athena",
     "Athena Query State Change",
     "currentState",
     {"SUCCEEDED"},
     {{"workgroup", "workgroupName"}}},
    {"states.execution_succeeded",
     "aws.states",
     "Step Functions Execution Status Change",
     "status",
     {"SUCCEEDED"},
     {{"state_machine", "stateMachineArn"}}},
    {"redshift.statement_finished",
     "aws.redshift-data",
     "Redshift Data Statement Status Change",
     "state",
     {"FINISHED"},
     {{"statement", "statementName"}}},
    {"emr.step_completed",
     "aws.emr",
     "EMR Step Status Change",
     "state",
     {"COMPLETED"},
     {{"cluster", "clusterId"}, {"step", "name"}}},
    {"emr_serverless.job_succeeded",
     "aws.emr-serverless",
     "EMR Serverless Job Run State Change",
     "state",
     {"SUCCESS"},
     {{"application", "applicationId"}}},
    {"airflow.run_succeeded",
     "aws.airflow-serverless",
     "MWAA Serverless Workflow Run Succeeded",
     "",
     {NULL},
     {{NULL, NULL}}},
    {"pipeline.succeeded",
     "aws.sagemaker",
     SAGEMAKER_STATUS,
     "currentPipelineExecutionStatus",
     {"Succeeded"},
     {{"pipeline", "pipelineArn"}}},
    {"pipeline.failed",
     "aws.sagemaker",
     SAGEMAKER_STATUS,
     "currentPipelineExecutionStatus",
     {"Failed"},
     {{"pipeline", "pipelineArn"}}},
};

const char *bf_trigger_event_name(size_t index)
{
    return index < BF_COUNTOF(events) ? events[index].name : NULL;
}

static const struct event_row *find_event(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_sv names[BF_COUNTOF(events)];
    for (size_t i = 0; i < BF_COUNTOF(events); i++) {
        names[i] = bf_sv_of(events[i].name);
        if (bf_sv_eq(spot->value->text, names[i])) {
            return &events[i];
        }
    }
    struct bf_diag *diag =
        bf_check_error(check, spot, "trigger.event", "there is no event '" BF_SV_FMT "'",
                       BF_SV_ARG(bf_utf8_truncate(spot->value->text, 100)));
    struct bf_sv nearest = bf_nearest(spot->value->text, names, BF_COUNTOF(events));
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    } else {
        bf_diag_hint(check->diags, diag, "any other event: {source: ..., detail_type: ...}");
    }
    return NULL;
}

/** NULL: an event of the file's own words, or a wrong one. */
static const struct event_row *read_event(struct bf_check *check, const struct bf_spot *spot,
                                          struct bf_trigger_event *event)
{
    if (spot->value->kind == BF_VALUE_MAP) {
        event->source = bf_read_text(spot, "source", "");
        event->detail_type = bf_read_text(spot, "detail_type", "");
        return NULL;
    }
    if (spot->value->kind != BF_VALUE_STRING) {
        return NULL;
    }
    const struct event_row *row = find_event(check, spot);
    if (row != NULL) {
        event->source = bf_sv_of(row->source);
        event->detail_type = bf_sv_of(row->detail_type);
        event->state_path = bf_sv_of(row->state_path);
        event->states = row->states;
    }
    return row;
}

/* ---- where ---- */

static bool is_path(struct bf_check *check, struct bf_sv text)
{
    return bf_pattern_matches(check->patterns, "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*", text);
}

static void check_match(struct bf_check *check, const struct bf_value *match)
{
    struct bf_spot spot = {.value = match, .own = match, .loc = match->loc};
    if (match->kind != BF_VALUE_STRING) {
        return;
    }
    if (bf_sv_search(match->text, BF_SV("**")) < match->text.len) {
        bf_check_error(check, &spot, "trigger.where",
                       "'**' cannot stand in a match: one '*' stands for any text");
    } else if (match->text.len == 0 || bf_sv_is(match->text, "!")) {
        bf_check_error(check, &spot, "trigger.where", "a match must not be empty");
    }
}

static struct bf_sv full_path(const struct event_row *row, struct bf_sv name)
{
    for (size_t i = 0; row != NULL && i < BF_COUNTOF(row->shorts); i++) {
        if (row->shorts[i].word != NULL && bf_sv_is(name, row->shorts[i].word)) {
            return bf_sv_of(row->shorts[i].path);
        }
    }
    return name;
}

static bool holds_path(struct bf_sv a, struct bf_sv b)
{
    return bf_sv_starts(b, a) && (a.len == b.len || b.ptr[a.len] == '.');
}

/* EventBridge takes a pattern of 2048 characters: of so many paths nobody needs all. */
enum { COMPARED_MAX = 1000 };

/** One path is asked once: by the event itself, by a short name, or in full. */
static bool check_path(struct bf_check *check, const struct bf_pair *pair, struct bf_sv path,
                       const struct event_row *row, const struct bf_trigger_event *event)
{
    if (row != NULL && row->state_path[0] != '\0' && bf_sv_is(path, row->state_path)) {
        bf_diag(check->diags, BF_ERROR, "trigger.where", pair->key_loc,
                "'%s' is the condition of the event '%s' itself", row->state_path, row->name);
        return false;
    }
    for (size_t i = 0; i < event->where_count && i < COMPARED_MAX; i++) {
        struct bf_sv other = event->where[i].path;
        if (holds_path(path, other) || holds_path(other, path)) {
            bf_diag(check->diags, BF_ERROR, "trigger.where", pair->key_loc,
                    "'" BF_SV_FMT "' asks for '" BF_SV_FMT "', and another match for '" BF_SV_FMT
                    "': one of them is enough",
                    BF_SV_ARG(pair->key), BF_SV_ARG(path), BF_SV_ARG(other));
            return false;
        }
    }
    return true;
}

static void read_where(struct bf_check *check, const struct bf_spot *spot,
                       const struct event_row *row, struct bf_trigger_event *event)
{
    if (spot->value == NULL || spot->value->kind != BF_VALUE_MAP) {
        return;
    }
    struct bf_where *items = BF_NEW_N(check->arena, struct bf_where, spot->value->count + 1);
    event->where = items;
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_pair *pair = &spot->value->pairs[i];
        if (pair->value->kind == BF_VALUE_NULL) {
            continue;
        }
        if (!is_path(check, pair->key)) {
            bf_diag(check->diags, BF_ERROR, "trigger.where", pair->key_loc,
                    "'" BF_SV_FMT "' is no path below detail", BF_SV_ARG(pair->key));
            continue;
        }
        bool list = pair->value->kind == BF_VALUE_LIST;
        for (size_t m = 0; list && m < pair->value->count; m++) {
            check_match(check, pair->value->items[m]);
        }
        if (!list) {
            check_match(check, pair->value);
        }
        struct bf_sv path = full_path(row, pair->key);
        if (check_path(check, pair, path, row, event)) {
            items[event->where_count++] = (struct bf_where){.path = path, .matches = pair->value};
        }
    }
}

/* ---- key ---- */

static void check_key_pattern(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_ere *ere = NULL;
    struct bf_err err = {0};
    if (spot->value == NULL || spot->value->kind != BF_VALUE_STRING) {
        return;
    }
    struct bf_sv text = spot->value->text;
    if (bf_ere_compile(check->arena, text, &ere, &err) != BF_OK) {
        bf_check_error(check, spot, "trigger.key", "'key.pattern': %s", err.msg);
    } else if (!bf_ere_has_group(ere)) {
        struct bf_diag *diag = bf_check_error(check, spot, "trigger.key",
                                              "'key.pattern' has no group: group 1 is the key");
        bf_diag_hint(check->diags, diag, "put the part that is the key in ( )");
    }
}

static void check_key_time(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    if (spot->value == NULL || spot->value->kind != BF_VALUE_STRING) {
        return;
    }
    struct bf_sv text = bf_sv_printf(check->scratch, "${date:" BF_SV_FMT "}",
                                     BF_SV_ARG(bf_utf8_truncate(spot->value->text, 300)));
    if (bf_expr_parse(check->scratch, text, &expr, &error) != BF_EXPR_OK ||
        bf_expr_check(check->scratch, expr, &error) != BF_EXPR_OK) {
        bf_check_error(check, spot, "trigger.key", "'key.time': " BF_SV_FMT " (expression.%s)",
                       BF_SV_ARG(error.message), bf_expr_kind_name(error.kind));
    }
}

static void read_key(struct bf_check *check, const struct bf_spot *spot, struct bf_event_key *key)
{
    struct bf_spot field = *spot, pattern = {0}, time = {0};
    if (spot->value == NULL || spot->value->kind == BF_VALUE_ERROR) {
        return;
    }
    if (spot->value->kind == BF_VALUE_MAP) {
        field = bf_spot_at(spot, "field");
        pattern = bf_spot_at(spot, "pattern");
        time = bf_spot_at(spot, "time");
        if ((field.value == NULL) == (time.value == NULL) ||
            (time.value != NULL && pattern.value != NULL)) {
            bf_diag(check->diags, BF_ERROR, "trigger.key", spot->loc,
                    "a key is {field}, {field, pattern} or {time}");
            return;
        }
    }
    check_key_pattern(check, &pattern);
    check_key_time(check, &time);
    if (field.value != NULL && field.value->kind == BF_VALUE_STRING &&
        !is_path(check, field.value->text)) {
        bf_check_error(check, &field, "trigger.key", "'" BF_SV_FMT "' is no path below detail",
                       BF_SV_ARG(bf_utf8_truncate(field.value->text, 100)));
    }
    key->field = field.value == NULL ? BF_SV("") : field.value->text;
    key->pattern = pattern.value == NULL ? BF_SV("") : pattern.value->text;
    key->time = time.value == NULL ? BF_SV("") : time.value->text;
}

/* ---- triggers ---- */

static void read_one(struct bf_check *check, const struct bf_spot *spot,
                     struct bf_trigger_event *event)
{
    struct bf_spot named = bf_spot_at(spot, "event");
    const struct event_row *row = NULL;
    if (named.value != NULL) {
        row = read_event(check, &named, event);
    }
    struct bf_spot where = bf_spot_at(spot, "where"), key = bf_spot_at(spot, "key");
    read_where(check, &where, row, event);
    read_key(check, &key, &event->key);
}

/** Also of an item of all_of, whose fields are among those of a trigger. */
static bool is_misspelt(const struct bf_spot *spot, const char *field)
{
    return bf_field_is_misspelt(bf_fields_trigger, spot->value, field, BF_STEP_KINDS);
}

static void read_several(struct bf_check *check, const struct bf_spot *spot,
                         struct bf_trigger *trigger)
{
    if (spot->value->kind != BF_VALUE_MAP) {
        return;
    }
    struct bf_trigger_event *list =
        BF_NEW_N(check->arena, struct bf_trigger_event, spot->value->count + 1);
    bool wrong = false;
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_pair *pair = &spot->value->pairs[i];
        struct bf_spot item = {.parent = spot,
                               .key = pair->key,
                               .value = pair->value,
                               .own = pair->value,
                               .loc = pair->key_loc};
        if (pair->value->kind != BF_VALUE_MAP) {
            wrong = wrong || pair->value->kind != BF_VALUE_NULL;
            continue;
        }
        struct bf_trigger_event *event = &list[trigger->event_count++];
        *event = (struct bf_trigger_event){.name = pair->key, .loc = pair->key_loc};
        read_one(check, &item, event);
        if (bf_spot_at(&item, "event").value == NULL && !is_misspelt(&item, "event")) {
            bf_diag(check->diags, BF_ERROR, "spec.missing_field", item.loc,
                    "'" BF_SV_FMT "' needs the field 'event'", BF_SV_ARG(pair->key));
        }
        if (bf_spot_at(&item, "key").value == NULL && !is_misspelt(&item, "key")) {
            bf_diag(check->diags, BF_ERROR, "trigger.key", item.loc,
                    "'" BF_SV_FMT "' needs a 'key': events are joined by it", BF_SV_ARG(pair->key));
        }
    }
    trigger->events = list;
    trigger->event_count = wrong ? 0 : trigger->event_count; /* which there are is not known */
}

static void check_alone(struct bf_check *check, const struct bf_spot *spot, const char *field,
                        const char *code)
{
    struct bf_spot found = bf_spot_at(spot, field);
    if (found.value != NULL) {
        bf_diag(check->diags, BF_ERROR, code, found.loc,
                "'%s' goes with 'event'; with all_of and any_of it stands on each of them", field);
    }
}

static void read_events(struct bf_check *check, const struct bf_spot *spot,
                        struct bf_trigger *trigger)
{
    struct bf_spot event = bf_spot_at(spot, "event"), all = bf_spot_at(spot, "all_of");
    struct bf_spot any = bf_spot_at(spot, "any_of");
    int given = (event.value != NULL) + (all.value != NULL) + (any.value != NULL);
    if (given == 0 && (is_misspelt(spot, "event") || is_misspelt(spot, "all_of") ||
                       is_misspelt(spot, "any_of"))) {
        return;
    }
    if (given != 1) {
        bf_diag(check->diags, BF_ERROR, "trigger.kind", spot->loc,
                "trigger '" BF_SV_FMT "' needs exactly one of 'event', 'all_of' and 'any_of'",
                BF_SV_ARG(spot->key));
        return;
    }
    if (event.value != NULL) {
        struct bf_trigger_event *one = BF_NEW(check->arena, struct bf_trigger_event);
        one->loc = spot->loc;
        trigger->kind = BF_TRIGGER_EVENT;
        trigger->events = one;
        trigger->event_count = 1;
        read_one(check, spot, one);
        return;
    }
    trigger->kind = all.value != NULL ? BF_TRIGGER_ALL_OF : BF_TRIGGER_ANY_OF;
    check_alone(check, spot, "where", "trigger.where");
    check_alone(check, spot, "key", "trigger.key");
    read_several(check, all.value != NULL ? &all : &any, trigger);
}

void bf_rule_trigger(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_pipeline *pipeline = check->pipeline;
    struct bf_trigger *trigger = &pipeline->triggers[pipeline->trigger_count++];
    struct bf_spot deadline = bf_spot_at(spot, "deadline");
    *trigger = (struct bf_trigger){
        .name = spot->key,
        .loc = spot->loc,
        .timezone = bf_read_text(spot, "timezone", "UTC"),
        .repeat = bf_read_text(spot, "repeat", "ignore"),
        .overlap = bf_read_text(spot, "overlap", "skip"),
        .enabled = bf_read_bool(spot, "enabled", true),
        .deadline_then = BF_SV("alert"),
    };
    read_events(check, spot, trigger);
    (void)bf_check_timezone(check, spot);
    if (deadline.value != NULL && deadline.value->kind == BF_VALUE_MAP) {
        trigger->deadline = bf_read_seconds(&deadline, "within", NULL);
        trigger->deadline_then = bf_read_text(&deadline, "then", "alert");
        bool other =
            bf_spot_at(spot, "event").value != NULL || bf_spot_at(spot, "any_of").value != NULL;
        if (bf_spot_at(spot, "all_of").value == NULL && other) {
            bf_diag(check->diags, BF_ERROR, "trigger.deadline", deadline.loc,
                    "'deadline' goes with 'all_of': nothing else is waited for");
        }
    }
    struct bf_spot parameters = bf_spot_at(spot, "parameters");
    trigger->parameters = bf_read_arguments(check, &parameters, trigger);
    bf_check_all_given(check, spot, &trigger->parameters);
}
