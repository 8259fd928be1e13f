#ifndef BF_COMPILE_COMPILE_H
#define BF_COMPILE_COMPILE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"
#include "spec/spec.h"
#include "json/json.h"

/**
 * A checked pipeline becomes the definition of an orchestrator. Pure and deterministic: the same
 * pipeline and the same code give the same bytes. No clock, no account look-up.
 */
enum {
    BF_DEFINITION_MAX = 1048576,     /* characters that CreatePipeline takes (API model) */
    BF_DEFINITION_INLINE = 100 << 10 /* bytes; from here on it is passed through S3 */
};

/** A backend: one file each. ${compile} reports mistakes to ${diags} and then returns NULL. */
struct bf_backend {
    const char *name; /* "sagemaker" */
    bf_json *(*compile)(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                        struct bf_diags *diags);
};

extern const struct bf_backend bf_backend_sagemaker;

/** NULL: no such backend. */
const struct bf_backend *bf_backend_find(struct bf_sv name);

/**
 * Compile ${pipeline}, whose sources have their content address, and check
 * the result against the request shapes (shape.*) and the size limit (definition.size).
 * BF_EINVALID when ${diags} got an error; *out is the definition otherwise. A pipeline that is
 * wrong already may be given: its sound steps, and the raw parts of the others, are held against
 * the shapes, so that these mistakes come together with the rest; nothing comes out.
 */
BF_NODISCARD enum bf_code bf_compile(struct bf_arena *arena, const struct bf_backend *backend,
                                     const struct bf_pipeline *pipeline, struct bf_diags *diags,
                                     bf_json **out);

/** The text that is sent, in the canonical form (compact). */
struct bf_sv bf_definition_text(struct bf_arena *arena, const bf_json *definition);

/** The text for people: two blanks a level, a final newline. */
struct bf_sv bf_definition_pretty(struct bf_arena *arena, const bf_json *definition);

/** Where a deployed pipeline came from; empty members give no tag. */
struct bf_origin {
    struct bf_sv environment; /* buzzflow:environment */
    struct bf_sv source;      /* buzzflow:source, key of the uploaded file */
    struct bf_sv version;     /* buzzflow:version, its S3 version id */
    struct bf_sv commit;      /* buzzflow:commit */
    struct bf_sv sha256;      /* buzzflow:sha256, bf_pipeline_sha256() */
};

/** SHA-256 of the merged and resolved file (canonical JSON), in hex. */
struct bf_sv bf_pipeline_sha256(struct bf_arena *arena, const struct bf_pipeline *pipeline);

/**
 * The tags of the pipeline resource: [{"Key","Value"}], the file's first, then buzzflow:*, whose
 * values are cut to 256 characters, with "_" for what a tag cannot hold.
 */
bf_json *bf_pipeline_tags(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                          const struct bf_origin *origin);

/** The EventBridge event pattern of one event of a trigger. */
bf_json *bf_event_pattern(struct bf_arena *arena, const struct bf_trigger_event *event);

#endif /* BF_COMPILE_COMPILE_H */
