#include "spec/check.h"
#include "time/instant.h"
#include "time/zone.h"

/* Checked values into typed members, with the defaults where nothing (or something wrong) stands.
 */

static const struct bf_value *get(const struct bf_spot *spot, const char *name)
{
    return spot == NULL || spot->value == NULL ? NULL : bf_object_get(spot->value, name, NULL);
}

struct bf_sv bf_read_text(const struct bf_spot *spot, const char *name, const char *fallback)
{
    const struct bf_value *value = get(spot, name);
    return value != NULL && value->kind == BF_VALUE_STRING ? value->text : bf_sv_of(fallback);
}

int64_t bf_read_int(const struct bf_spot *spot, const char *name, int64_t fallback)
{
    const struct bf_value *value = get(spot, name);
    return value != NULL && value->kind == BF_VALUE_INT && !value->wide ? value->integer : fallback;
}

int64_t bf_read_seconds(const struct bf_spot *spot, const char *name, const char *fallback)
{
    const struct bf_value *value = get(spot, name);
    int64_t seconds = 0;
    if (value != NULL && value->kind == BF_VALUE_STRING &&
        bf_duration_parse(value->text, &seconds)) {
        return seconds;
    }
    return fallback != NULL && bf_duration_parse(bf_sv_of(fallback), &seconds) ? seconds : 0;
}

bool bf_read_bool(const struct bf_spot *spot, const char *name, bool fallback)
{
    const struct bf_value *value = get(spot, name);
    return value != NULL && value->kind == BF_VALUE_BOOL ? value->boolean : fallback;
}

/** How many items of a list are read: a list that is too long is a mistake, and read in part. */
static size_t read_count(const struct bf_value *list, size_t most)
{
    size_t count = list != NULL && list->kind == BF_VALUE_LIST ? list->count : 0;
    return count < most ? count : most;
}

struct bf_texts bf_read_texts(struct bf_arena *arena, const struct bf_value *value, size_t most)
{
    struct bf_texts texts = {0};
    size_t count = read_count(value, most);
    struct bf_sv *items = BF_NEW_N(arena, struct bf_sv, count + 1);
    if (value != NULL && value->kind == BF_VALUE_STRING) {
        items[texts.count++] = value->text;
    }
    for (size_t i = 0; i < count; i++) {
        if (value->items[i]->kind == BF_VALUE_STRING) {
            items[texts.count++] = value->items[i]->text;
        }
    }
    texts.items = items;
    return texts;
}

/** As many as the row of a list allows. */
static size_t most_of(const struct bf_field *fields, const char *name)
{
    const struct bf_field *field = bf_field_find(fields, bf_sv_of(name), BF_STEP_KINDS);
    const struct bf_field *list = field->kind == BF_KIND_LIST ? field : field->alt;
    return list->max == 0 ? SIZE_MAX : (size_t)list->max;
}

static bool holds(const struct bf_texts *texts, struct bf_sv text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (bf_sv_eq(texts->items[i], text)) {
            return true;
        }
    }
    return false;
}

/** The words of a list, each once; what is no word of its row has been reported. */
static struct bf_texts read_words(struct bf_arena *arena, const struct bf_value *list,
                                  const struct bf_field *field)
{
    const struct bf_word *words = field->item->words;
    size_t count = 0, all = read_count(list, SIZE_MAX);
    while (words[count].word != NULL) {
        count++;
    }
    struct bf_sv *items = BF_NEW_N(arena, struct bf_sv, count);
    struct bf_texts texts = {.items = items};
    for (size_t i = 0; i < all; i++) {
        struct bf_sv text = list->items[i]->text;
        bool known = list->items[i]->kind == BF_VALUE_STRING && bf_is_word(words, text);
        if (known && !holds(&texts, text)) {
            items[texts.count++] = text;
        }
    }
    return texts;
}

static struct bf_texts read_alert_list(struct bf_check *check, const struct bf_spot *spot,
                                       const char *name)
{
    return bf_read_texts(check->arena, get(spot, name), most_of(bf_fields_alerts, name));
}

void bf_read_alerts(struct bf_check *check, const struct bf_value *root)
{
    static const struct bf_sv usual[] = {{"failed", 6}, {"stopped", 7}};
    struct bf_alerts *alerts = &check->pipeline->alerts;
    struct bf_spot spot = {.value = bf_object_get(root, "alerts", NULL)};
    alerts->slack = read_alert_list(check, &spot, "slack");
    alerts->live = bf_read_bool(&spot, "live", true);
    alerts->events = read_words(check->arena, get(&spot, "events"),
                                bf_field_find(bf_fields_alerts, BF_SV("events"), BF_STEP_KINDS));
    if (get(&spot, "events") == NULL) {
        alerts->events = (struct bf_texts){.items = usual, .count = BF_COUNTOF(usual)};
    }
    alerts->owner = bf_read_text(&spot, "owner", "");
    alerts->mention = read_alert_list(check, &spot, "mention");
}

static void read_weekend(struct bf_business_days *calendar, const struct bf_value *weekend)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    if (weekend == NULL || weekend->kind != BF_VALUE_LIST) {
        calendar->weekend[calendar->weekend_count++] = 6;
        calendar->weekend[calendar->weekend_count++] = 7;
        return;
    }
    for (int day = 0; day < 7; day++) {
        bool found = false;
        for (size_t i = 0; i < weekend->count; i++) {
            found = found || bf_sv_is(weekend->items[i]->text, days[day]);
        }
        if (found) {
            calendar->weekend[calendar->weekend_count++] = day + 1;
        }
    }
}

/** Those that are dates: of the others it is said where they stand, not at each expression too. */
static void read_holidays(struct bf_check *check, const struct bf_value *list)
{
    struct bf_business_days *calendar = &check->pipeline->calendar;
    struct bf_texts all =
        bf_read_texts(check->arena, list, most_of(bf_fields_calendar, "holidays"));
    struct bf_sv *items = BF_NEW_N(check->arena, struct bf_sv, all.count + 1);
    int64_t *days = BF_NEW_N(check->arena, int64_t, all.count + 1);
    struct bf_err err = {0};
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (bf_date_parse(all.items[i], &days[count], &err) == BF_OK) {
            items[count++] = all.items[i];
        }
    }
    calendar->holidays = (struct bf_texts){.items = items, .count = count};
    unsigned weekend = 0;
    for (size_t i = 0; i < calendar->weekend_count; i++) {
        weekend |= 1U << (unsigned)calendar->weekend[i];
    }
    if (bf_calendar_make(check->arena, weekend, days, count, &check->calendar, &err) != BF_OK) {
        calendar->given = false; /* never: the list is not longer than its row allows */
    }
}

void bf_read_calendar(struct bf_check *check, const struct bf_value *root)
{
    struct bf_business_days *calendar = &check->pipeline->calendar;
    const struct bf_value *written = bf_object_get(root, "calendar", NULL);
    if (written == NULL || written->kind != BF_VALUE_MAP) {
        return;
    }
    calendar->given = true;
    read_weekend(calendar, bf_object_get(written, "weekend", NULL));
    const struct bf_value *holidays = bf_object_get(written, "holidays", NULL);
    if (holidays != NULL && holidays->kind == BF_VALUE_STRING) {
        calendar->holidays_uri = holidays->text;
        holidays = NULL;
    }
    read_holidays(check, holidays);
}

bool bf_check_timezone(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot zone = bf_spot_at(spot, "timezone");
    if (zone.value == NULL || zone.value->kind != BF_VALUE_STRING ||
        bf_zone_exists(zone.value->text)) {
        return true;
    }
    struct bf_diag *diag =
        bf_check_error(check, &zone, "schedule.timezone", "there is no time zone '" BF_SV_FMT "'",
                       BF_SV_ARG(zone.value->text));
    struct bf_sv nearest = bf_zone_nearest(zone.value->text);
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    } else {
        bf_diag_hint(check->diags, diag, "names of the IANA database, such as Asia/Seoul or UTC");
    }
    return false;
}
