/* The rows of a pipeline file, all that can be reached from its top. */
#include "shapes/pattern.h"
#include "spec/field.h"
#include "tests/support/cmocka_headers.h"

enum { ROWS_MAX = 2000 };

struct rows {
    const struct bf_field *items[ROWS_MAX];
    size_t count;
};

static void note(struct rows *rows, const struct bf_field *row)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->items[i] == row) {
            return;
        }
    }
    assert_true(rows->count < ROWS_MAX);
    rows->items[rows->count++] = row;
}

static void note_all(struct rows *rows, const struct bf_field *first)
{
    for (const struct bf_field *row = first; row->name != NULL; row = bf_field_next(row)) {
        note(rows, row);
    }
}

static struct rows all_rows(void)
{
    struct rows rows = {.count = 0};

    note_all(&rows, bf_fields_top);
    note_all(&rows, bf_fields_step);
    for (size_t i = 0; i < rows.count; i++) { /* grows on the way */
        const struct bf_field *row = rows.items[i];
        if (row->fields != NULL) {
            note_all(&rows, row->fields);
        }
        if (row->item != NULL) {
            note(&rows, row->item);
        }
        if (row->alt != NULL) {
            note(&rows, row->alt);
        }
    }
    return rows;
}

static void every_pattern_of_the_rows_compiles(void **state)
{
    struct bf_arena *arena = bf_arena_new((size_t)16 << 20U);
    struct bf_patterns *patterns = bf_patterns_new(arena);
    struct rows rows = all_rows();
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < rows.count; i++) {
        const char *const of_row[] = {rows.items[i]->pattern, rows.items[i]->key_pattern};
        for (size_t k = 0; k < BF_COUNTOF(of_row); k++) {
            if (of_row[k] != NULL && !bf_pattern_compiles(patterns, of_row[k])) {
                fail_msg("'%s': %s", rows.items[i]->name, of_row[k]);
            }
            count += of_row[k] != NULL;
        }
    }
    assert_true(count > 20);
    bf_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pattern_of_the_rows_compiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
