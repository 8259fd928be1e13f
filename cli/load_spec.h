#ifndef CLI_LOAD_SPEC_H
#define CLI_LOAD_SPEC_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "spec/spec.h"

/** What every command that reads a pipeline file asks for. NULL: not given. */
struct bf_spec_request {
    const char *file, *platform, *environment;
    const char *now; /* an instant; NULL: the machine's clock, where ${fires} */
    bool fires;      /* try the schedules' next fires */
    bool must_build; /* the chosen environment has to stand alone */
    bool try_all;    /* compile every environment's pipeline and throw the definition away: shape.*
                        and definition.size; no pipeline is kept. False: the chosen one's is */
    enum bf_environment_rule rule;
};

/**
 * Read the files, load and check them, look at the code on disk. BF_EINVALID without a message in
 * ${err}: ${diags} says why; *out is filled as far as possible.
 */
BF_NODISCARD enum bf_code bf_load_spec(struct bf_arena *arena,
                                       const struct bf_spec_request *request,
                                       struct bf_diags *diags, struct bf_spec *out,
                                       struct bf_err *err);

#endif /* CLI_LOAD_SPEC_H */
