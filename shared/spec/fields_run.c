#include "spec/field.h"
#include "spec/rules.h"

/* Fields of schedules, triggers, alerts and the calendar. */

static const struct bf_word overlaps[] = {
    {"skip", NULL},   {"queue_one", NULL}, {"queue_all", NULL},
    {"cancel", NULL}, {"allow", NULL},     {0},
};
static const struct bf_word catchups[] = {{"none", NULL}, {"latest", NULL}, {"all", NULL}, {0}};
static const struct bf_word outcomes[] = {{"run", NULL}, {"skip", NULL}, {"alert", NULL}, {0}};
static const struct bf_word repeats[] = {{"ignore", NULL}, {"rerun", NULL}, {0}};
static const struct bf_word alert_events[] = {
    {"started", NULL},     {"succeeded", NULL},
    {"failed", NULL},      {"stopped", NULL},
    {"step_failed", NULL}, {"recovered", NULL},
    {"stuck", NULL},       {"skipped", NULL},
    {"missed", NULL},      {0},
};
static const struct bf_word weekdays[] = {
    {"mon", NULL}, {"tue", NULL}, {"wed", NULL}, {"thu", NULL},
    {"fri", NULL}, {"sat", NULL}, {"sun", NULL}, {0},
};

static const struct bf_field catchup_fields[] = {
    {.name = "mode",
     .kind = BF_KIND_WORD,
     .words = catchups,
     .fallback = "none",
     .doc = "Which missed runs are made up for"},
    {.name = "limit",
     .kind = BF_KIND_INT,
     .min = 1,
     .max = 100,
     .fallback = "10",
     .doc = "At most so many"},
    {.name = "window",
     .kind = BF_KIND_DURATION,
     .min = 60,
     .max = 315360000,
     .fallback = "7d",
     .doc = "Not older than this"},
    {0},
};

const struct bf_field bf_fields_schedule[] = {
    {.name = "cron",
     .kind = BF_KIND_STRING,
     .code = "schedule.cron",
     .doc = "The six fields of a cron expression, without cron()"},
    {.name = "rate",
     .kind = BF_KIND_DURATION,
     .flags = BF_MINUTES,
     .min = 60,
     .max = INT64_C(60) * 60 * 24 * 36500,
     .code = "schedule.rate",
     .doc = "Every so often, in whole minutes"},
    {.name = "at",
     .kind = BF_KIND_STRING,
     .code = "schedule.at",
     .doc = "Once, at this local time: YYYY-MM-DDThh:mm:ss"},
    {.name = "timezone",
     .kind = BF_KIND_STRING,
     .fallback = "UTC",
     .doc = "Zone of cron, at and of the expressions"},
    {.name = "parameters", .kind = BF_KIND_RUNTIME, .doc = "Parameter -> run-time text"},
    {.name = "overlap",
     .kind = BF_KIND_WORD,
     .words = overlaps,
     .fallback = "skip",
     .doc = "What happens when the previous run is still running"},
    {.name = "catchup",
     .kind = BF_KIND_OBJECT,
     .fields = catchup_fields,
     .shorthand = "mode",
     .doc = "Runs missed while disabled or not deployed"},
    {.name = "max_active",
     .kind = BF_KIND_INT,
     .min = 1,
     .max = 20,
     .fallback = "1",
     .doc = "Runs of this schedule that may be active before overlap applies"},
    {.name = "start_by",
     .kind = BF_KIND_DURATION,
     .min = 60,
     .max = 31536000,
     .fallback = "30m",
     .doc = "Nothing started that long after the fire: alert 'missed'"},
    {.name = "start", .kind = BF_KIND_STRING, .doc = "First local time: YYYY-MM-DDThh:mm:ss"},
    {.name = "end", .kind = BF_KIND_STRING, .doc = "Last local time: YYYY-MM-DDThh:mm:ss"},
    {.name = "jitter",
     .kind = BF_KIND_DURATION,
     .flags = BF_MINUTES,
     .min = 60,
     .max = 86400,
     .doc = "Spread the start over this long, 1m to 24h"},
    {.name = "enabled", .kind = BF_KIND_BOOL, .fallback = "true", .doc = "Whether it fires"},
    {0},
};

static const struct bf_field event_fields[] = {
    {.name = "source",
     .kind = BF_KIND_STRING,
     .flags = BF_REQUIRED,
     .min = 1,
     .max = 256,
     .doc = "source of the event"},
    {.name = "detail_type",
     .kind = BF_KIND_STRING,
     .flags = BF_REQUIRED,
     .min = 1,
     .max = 256,
     .doc = "detail-type of the event"},
    {0},
};

static const struct bf_field key_fields[] = {
    {.name = "field",
     .kind = BF_KIND_STRING,
     .min = 1,
     .max = 256,
     .code = "trigger.key",
     .doc = "Path below detail"},
    {.name = "pattern",
     .kind = BF_KIND_STRING,
     .min = 1,
     .max = 512,
     .code = "trigger.key",
     .doc = "POSIX extended regular expression; group 1 is the key"},
    {.name = "time",
     .kind = BF_KIND_STRING,
     .min = 1,
     .max = 256,
     .code = "trigger.key",
     .doc = "FORMAT[,SHIFT] of the event's time"},
    {0},
};

static const struct bf_field deadline_fields[] = {
    {.name = "within",
     .kind = BF_KIND_DURATION,
     .flags = BF_REQUIRED | BF_MINUTES,
     .min = 60,
     .max = 31536000,
     .doc = "Counted from the first event of a key"},
    {.name = "then",
     .kind = BF_KIND_WORD,
     .words = outcomes,
     .fallback = "alert",
     .doc = "What happens when not all have come"},
    {0},
};

#define EVENT                                                                                      \
    {                                                                                              \
        .name = "event", .kind = BF_KIND_STRING,                                                   \
        .alt = BF_ITEM(.kind = BF_KIND_OBJECT, .fields = event_fields),                            \
        .doc = "Name of an event, or {source, detail_type}"                                        \
    }
#define WHERE                                                                                      \
    {                                                                                              \
        .name = "where", .kind = BF_KIND_MAP,                                                      \
        .item = BF_ITEM(.kind = BF_KIND_SCALAR,                                                    \
                        .alt = BF_ITEM(.kind = BF_KIND_LIST, .min = 1, .max = 100,                 \
                                       .item = BF_ITEM(.kind = BF_KIND_SCALAR))),                  \
        .doc = "Short name or path below detail -> what must be there"                             \
    }
#define KEY                                                                                        \
    {                                                                                              \
        .name = "key", .kind = BF_KIND_OBJECT, .fields = key_fields, .shorthand = "field",         \
        .doc = "The partition the event is about"                                                  \
    }

static const struct bf_field event_item[] = {EVENT, WHERE, KEY, {0}};

const struct bf_field bf_fields_trigger[] = {
    EVENT,
    {.name = "all_of",
     .kind = BF_KIND_MAP,
     .min = 1,
     .max = 20,
     .key_pattern = BF_PATTERN_ENV,
     .item = BF_ITEM(.kind = BF_KIND_OBJECT, .fields = event_item),
     .doc = "Events that must all arrive for the same key"},
    {.name = "any_of",
     .kind = BF_KIND_MAP,
     .min = 1,
     .max = 20,
     .key_pattern = BF_PATTERN_ENV,
     .item = BF_ITEM(.kind = BF_KIND_OBJECT, .fields = event_item),
     .doc = "Events of which any must arrive"},
    WHERE,
    KEY,
    {.name = "deadline",
     .kind = BF_KIND_OBJECT,
     .fields = deadline_fields,
     .doc = "all_of only: how long the rest may take"},
    {.name = "timezone",
     .kind = BF_KIND_STRING,
     .fallback = "UTC",
     .doc = "Zone of the expressions"},
    {.name = "parameters", .kind = BF_KIND_RUNTIME, .doc = "Parameter -> run-time text"},
    {.name = "repeat",
     .kind = BF_KIND_WORD,
     .words = repeats,
     .fallback = "ignore",
     .doc = "The same key again"},
    {.name = "overlap",
     .kind = BF_KIND_WORD,
     .words = overlaps,
     .fallback = "skip",
     .doc = "What happens when the previous run is still running"},
    {.name = "enabled", .kind = BF_KIND_BOOL, .fallback = "true", .doc = "Whether it fires"},
    {0},
};

const struct bf_field bf_fields_alerts[] = {
    {.name = "slack",
     .kind = BF_KIND_STRING,
     .code = "alerts.slack",
     .rule = bf_rule_channel,
     .alt = BF_ITEM(.kind = BF_KIND_LIST, .max = 20,
                    .item = BF_ITEM(.kind = BF_KIND_STRING, .rule = bf_rule_channel)),
     .doc = "Channel, or a list of them; quote it: # begins a comment"},
    {.name = "live",
     .kind = BF_KIND_BOOL,
     .fallback = "true",
     .doc = "One message a run from its start, kept up to date"},
    {.name = "events",
     .kind = BF_KIND_LIST,
     .fallback = "[failed, stopped]",
     .item = BF_ITEM(.kind = BF_KIND_WORD, .words = alert_events, .code = "alerts.event"),
     .doc = "What is told besides"},
    {.name = "owner", .kind = BF_KIND_STRING, .max = 256, .doc = "Person or team who is asked"},
    {.name = "mention",
     .kind = BF_KIND_LIST,
     .max = 20,
     .item = BF_ITEM(.kind = BF_KIND_STRING, .pattern = "[UWS][A-Z0-9]+|here|channel",
                     .code = "alerts.mention"),
     .doc = "Slack ids, here or channel; on the first failure after a success"},
    {0},
};

const struct bf_field bf_fields_calendar[] = {
    {.name = "weekend",
     .kind = BF_KIND_LIST,
     .max = 7,
     .item = BF_ITEM(.kind = BF_KIND_WORD, .words = weekdays),
     .fallback = "[sat, sun]",
     .doc = "Days that are no business days; may be empty"},
    {.name = "holidays",
     .kind = BF_KIND_LIST,
     .max = 5000,
     .item = BF_ITEM(.kind = BF_KIND_STRING, .rule = bf_rule_holiday),
     .alt = BF_ITEM(.kind = BF_KIND_STRING,
                    .pattern = "s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+|ssm:/.+"),
     .doc = "Dates, or the file that lists them: s3://bucket/key or ssm:/name"},
    {0},
};
