#include "alert/plan.h"

#include <stdbool.h>
#include <stddef.h>

#include "alert/message.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "json/json.h"

static void add_channel(struct bf_alert_plan *plan, struct bf_sv channel)
{
    for (size_t i = 0; i < plan->channel_count; i++) {
        if (bf_sv_eq(plan->channels[i], channel)) {
            return;
        }
    }
    if (channel.len != 0 && plan->channel_count < BF_ALERT_CHANNELS) {
        plan->channels[plan->channel_count++] = channel;
    }
}

static bool is_id(struct bf_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return text.len > 1 && text.len < 30;
}

/* Only what has the form of a mention becomes one. */
static void add_mention(struct bf_buf *out, struct bf_sv who)
{
    const char *gap = out->len == 0 ? "" : " ";

    if (bf_sv_is(who, "here") || bf_sv_is(who, "channel")) {
        bf_buf_printf(out, "%s<!" BF_SV_FMT ">", gap, BF_SV_ARG(who));
    } else if (is_id(who) && (who.ptr[0] == 'U' || who.ptr[0] == 'W')) {
        bf_buf_printf(out, "%s<@" BF_SV_FMT ">", gap, BF_SV_ARG(who));
    } else if (is_id(who) && who.ptr[0] == 'S') {
        bf_buf_printf(out, "%s<!subteam^" BF_SV_FMT ">", gap, BF_SV_ARG(who));
    }
}

static void set_event(struct bf_alert_plan *plan, struct bf_sv name)
{
    for (int i = 0; i < BF_ALERT_EVENTS; i++) {
        if (bf_sv_is(name, bf_alert_event_name((enum bf_alert_event)i))) {
            plan->wants[i] = true;
        }
    }
}

struct bf_alert_plan bf_alert_plan(struct bf_arena *arena, const bf_json *record,
                                   struct bf_sv default_channel)
{
    const bf_json *alerts = bf_json_get(record, "alerts");
    struct bf_alert_plan plan = {.channels = BF_NEW_N(arena, struct bf_sv, BF_ALERT_CHANNELS)};
    struct bf_buf mentions = bf_buf_new(arena, 2048);

    for (const bf_json *c = bf_json_first(bf_json_get(alerts, "slack")); c != NULL;
         c = bf_json_next(c)) {
        add_channel(&plan, bf_json_text(c));
    }
    if (plan.channel_count == 0) {
        add_channel(&plan, default_channel);
    }
    plan.live = bf_json_kind(bf_json_get(alerts, "live")) != BF_JSON_BOOL ||
                bf_json_true(bf_json_get(alerts, "live"));
    if (bf_json_kind(bf_json_get(alerts, "events")) == BF_JSON_ARRAY) {
        for (const bf_json *e = bf_json_first(bf_json_get(alerts, "events")); e != NULL;
             e = bf_json_next(e)) {
            set_event(&plan, bf_json_text(e));
        }
    } else {
        plan.wants[BF_ALERT_FAILED] = plan.wants[BF_ALERT_STOPPED] = true;
    }
    for (const bf_json *m = bf_json_first(bf_json_get(alerts, "mention")); m != NULL;
         m = bf_json_next(m)) {
        add_mention(&mentions, bf_json_text(m));
    }
    plan.mentions = bf_buf_sv(&mentions);
    return plan;
}
