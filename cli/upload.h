#ifndef CLI_UPLOAD_H
#define CLI_UPLOAD_H

#include "cli/stack.h"

/** What a deployment puts into the spec bucket. */
struct bf_upload {
    const char *file;     /* the pipeline file on disk */
    const char *platform; /* a local copy of the platform file; NULL: the bucket's is taken */
    struct bf_sv key;     /* of the pipeline file in the bucket */
    struct bf_sv commit;  /* empty: none */
    bool adopt;
};

/** What was done. */
struct bf_uploaded {
    struct bf_sv text;       /* of the file */
    struct bf_sv version_id; /* of the object that was written; empty: a bucket without versions */
    size_t sent, kept, deleted; /* code files: written, there already, not on disk any more */
};

/**
 * Make the code beside the key what it is on disk, then write the pipeline file: its event starts
 * the deployment. Mistakes in the file are the deployment's business: it is uploaded with them.
 * Code that cannot be uploaded (a symbolic link, too large, outside) is left out; the deployment
 * says what is missing.
 */
BF_NODISCARD enum bf_code bf_upload_run(struct bf_cli_aws *aws, const struct bf_cli_stack *stack,
                                        const struct bf_upload *upload, struct bf_uploaded *out,
                                        struct bf_err *err);

#endif /* CLI_UPLOAD_H */
