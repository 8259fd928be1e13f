#ifndef CLI_VARIABLES_H
#define CLI_VARIABLES_H

#include "base/arena.h"
#include "spec/document.h"

/** The process environment, for oc.env: on the command line the user runs this himself. */
struct bf_variables bf_process_variables(struct bf_arena *arena);

#endif /* CLI_VARIABLES_H */
