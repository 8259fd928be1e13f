/* Schedule expressions: cron(...), rate(...) and at(...). */
#include "time/civil.h"
#include "time/cron.h"
#include "time/instant.h"

enum bf_code bf_rate_parse(struct bf_sv text, struct bf_when *out, struct bf_err *err)
{
    static const struct {
        const char *one, *many;
        int64_t seconds;
    } units[] = {{"minute", "minutes", 60}, {"hour", "hours", 3600}, {"day", "days", 86400}};
    struct bf_sv unit = bf_sv_trim(text);
    struct bf_sv value = bf_sv_cut(&unit, ' ');
    int64_t number = 0;

    unit = bf_sv_trim(unit);
    if (value.len > 0 && value.ptr[0] != '+' && bf_sv_i64(value, 1, BF_DAY_MAX, &number)) {
        for (size_t i = 0; i < BF_COUNTOF(units); i++) {
            if (bf_sv_is(unit, units[i].one) || bf_sv_is(unit, units[i].many)) {
                *out = (struct bf_when){.kind = BF_WHEN_RATE, .period = number * units[i].seconds};
                return BF_OK;
            }
        }
    }
    return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                      "rate is '" BF_SV_FMT
                      "'; it takes a whole number of at least 1 and minutes, "
                      "hours or days: 'rate(90 minutes)'",
                      BF_SV_ARG(bf_sv_slice(text, 0, 64)));
}

enum bf_code bf_at_parse(struct bf_sv text, struct bf_when *out, struct bf_err *err)
{
    struct bf_time_text time;
    struct bf_sv trimmed = bf_sv_trim(text);

    if (trimmed.len != strlen("2026-03-01T09:00:00") ||
        bf_time_parse(trimmed, &time, err) != BF_OK || time.shape != BF_TIME_LOCAL) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "at is '" BF_SV_FMT
                          "'; it takes a local date and time that exists, "
                          "YYYY-MM-DDThh:mm:ss without a zone",
                          BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    }
    *out = (struct bf_when){.kind = BF_WHEN_AT, .local = time.value};
    return BF_OK;
}

/* The place within the inner text, as one within the whole. */
static enum bf_code shift_column(struct bf_err *err, size_t ahead)
{
    if (err->loc.line != 0) {
        err->loc.col += (unsigned)ahead;
        err->loc.end_col += err->loc.end_col == 0 ? 0 : (unsigned)ahead;
    }
    return err->code;
}

enum bf_code bf_when_parse(struct bf_sv text, struct bf_when *out, struct bf_err *err)
{
    static const struct {
        const char *open;
        enum bf_code (*parse)(struct bf_sv, struct bf_when *, struct bf_err *);
    } kinds[] = {{"cron(", bf_cron_parse}, {"rate(", bf_rate_parse}, {"at(", bf_at_parse}};
    struct bf_sv trimmed = bf_sv_trim(text);

    if (text.len > BF_WHEN_TEXT_MAX) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "a schedule expression of %zu characters; Scheduler takes at most %d",
                          text.len, BF_WHEN_TEXT_MAX);
    }
    for (size_t i = 0; i < BF_COUNTOF(kinds); i++) {
        struct bf_sv open = bf_sv_of(kinds[i].open);
        if (bf_sv_starts(trimmed, open)) {
            if (!bf_sv_ends(trimmed, BF_SV(")"))) {
                return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                                  "'" BF_SV_FMT "' is not closed by ')'", BF_SV_ARG(trimmed));
            }
            enum bf_code code =
                kinds[i].parse(bf_sv_slice(trimmed, open.len, trimmed.len - 1), out, err);
            return code == BF_OK ? code
                                 : shift_column(err, (size_t)(trimmed.ptr - text.ptr) + open.len);
        }
    }
    if (bf_sv_find(trimmed, '(') < trimmed.len) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT
                          "' is no schedule expression; allowed: cron(six fields), "
                          "rate(number unit), at(YYYY-MM-DDThh:mm:ss)",
                          BF_SV_ARG(bf_sv_slice(trimmed, 0, 64)));
    }
    enum bf_code code = bf_cron_parse(trimmed, out, err);
    return code == BF_OK ? code : shift_column(err, (size_t)(trimmed.ptr - text.ptr));
}
