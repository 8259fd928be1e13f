#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause_parts.h"
#include "base/sv.h"

/*
 * Exception groups (PEP 654). The group's own traceback stands behind "  | ", those of its parts
 * come after the first "+-+----". The group is the exception; of the parts only the first leaf is
 * kept.
 */
static void leaf_line(struct bf_machine *m, struct bf_sv body)
{
    struct bf_sv t = bf_ltrim(body), name = {0}, message = {0};
    struct bf_code_place place = {0};

    if (m->leaf_done) {
        return;
    }
    if (bf_py_frame(t, &place)) {
        if (bf_py_is_user(place.file)) {
            bf_capped_set(&m->leaf_place, t);
        }
        return;
    }
    if (bf_py_header(t) != SIZE_MAX) {
        m->leaf_place.len = 0;
        return;
    }
    if (bf_py_exception(t, &name, &message) == BF_STRONG && t.len == body.len &&
        !bf_finishes(name, "ExceptionGroup")) {
        bf_capped_set(&m->cur->leaf, bf_sv_trim(t));
        if (m->leaf_place.len != 0) {
            bf_capped_add(&m->cur->leaf, BF_SV("\n  "));
            bf_capped_add(&m->cur->leaf, bf_capped_sv(&m->leaf_place));
        }
        m->leaf_done = true;
    }
}

bool bf_machine_group_line(struct bf_machine *m, struct bf_sv line)
{
    struct bf_sv t = bf_ltrim(line);
    if (t.len == 0 || (t.ptr[0] != '|' && t.ptr[0] != '+')) {
        return t.len == 0;
    }
    if (t.ptr[0] == '+') { /* "+-+---- 1 ----", "+------": before, between and behind the parts */
        m->in_parts = true;
        return true;
    }
    struct bf_sv body = bf_sv_from(t, t.len > 1 && t.ptr[1] == ' ' ? 2 : 1);
    if (m->in_parts) { /* not by the column: a launcher may have stripped lines */
        leaf_line(m, body);
        return true;
    }
    /* The machine for plain tracebacks reads the outer lines, without their bar. */
    m->state = m->cur->exception.len == 0 ? BF_IN_FRAMES : BF_IN_MESSAGE;
    if (m->state == BF_IN_FRAMES) {
        (void)bf_machine_frames_line(m, body);
    } else {
        (void)bf_machine_message_line(m, body);
    }
    m->state = BF_IN_GROUP;
    return true;
}
