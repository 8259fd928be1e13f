#include "cli/variables.h"

#include <unistd.h>

struct bf_variables bf_process_variables(struct bf_arena *arena)
{
    size_t count = 0;

    while (environ[count] != NULL) {
        count++;
    }
    struct bf_variable *items = BF_NEW_N(arena, struct bf_variable, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i].value = bf_sv_of(environ[i]);
        items[i].name = bf_sv_cut(&items[i].value, '=');
    }
    return (struct bf_variables){.items = items, .count = count};
}
