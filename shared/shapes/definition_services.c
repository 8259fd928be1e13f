/* Steps that call a service: their arguments are no request of SageMaker's model. */
#include "base/utf8.h"
#include "shapes/definition.h"

static void missing(struct definition *def, const bf_json *holder, struct bf_sv path,
                    const char *name)
{
    (void)DEF_REPORT(def, "shape.missing_member", holder, path, "'%s' is missing in " BF_SV_FMT,
                     name, BF_SV_ARG(path));
}

static struct bf_sv item_path(struct definition *def, struct bf_sv path, size_t index)
{
    return bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(path), index);
}

/* ---- Lambda and Callback: a flat map of single values; target and outputs stand beside it ---- */

static void check_output(struct definition *def, const bf_json *output, struct bf_sv path)
{
    static const char *const members[] = {"OutputName", "OutputType", NULL};
    static const char *const types[] = {"String", "Integer", "Boolean", "Float", NULL};
    const bf_json *type = bf_json_get(output, "OutputType");
    const char *const *word = types;

    if (!def_only_members(def, output, path, members)) {
        return;
    }
    for (size_t i = 0; members[i] != NULL; i++) {
        if (bf_json_get(output, members[i]) == NULL) {
            missing(def, output, path, members[i]);
        }
    }
    def_check_plain_text(def, bf_json_get(output, "OutputName"), def_path(def, path, "OutputName"),
                         1, 256);
    while (*word != NULL && !bf_sv_is(bf_json_text(type), *word)) {
        word++;
    }
    if (type != NULL && *word == NULL) {
        (void)DEF_REPORT(def, "shape.enum", type, def_path(def, path, "OutputType"),
                         "OutputType is '" BF_SV_FMT "', allowed: String, Integer, Boolean, Float",
                         BF_SV_ARG(bf_utf8_truncate(bf_json_text(type), 60)));
    }
}

static void check_outputs(struct definition *def, const bf_json *list, struct bf_sv path)
{
    size_t index = 0;

    if (!def_is_array(def, list, path)) {
        return;
    }
    for (const bf_json *o = bf_json_first(list); o != NULL; o = bf_json_next(o), index++) {
        struct bf_sv name = bf_json_str(o, "OutputName");
        struct bf_sv at = item_path(def, path, index);
        check_output(def, o, at);
        for (const bf_json *p = bf_json_first(list); p != o && name.len != 0; p = bf_json_next(p)) {
            if (bf_sv_eq(name, bf_json_str(p, "OutputName"))) {
                (void)DEF_REPORT(def, "definition.step", o, at,
                                 "the output '" BF_SV_FMT "' is there twice", BF_SV_ARG(name));
            }
        }
    }
}

void def_check_call(struct definition *def, const struct def_step *s, const bf_json *arguments,
                    struct bf_sv path)
{
    /* The service wants the ARN; a name may be one in the language of some other tool. */
    static const char function[] =
        "arn:aws[a-z\\-]*:lambda:[a-z0-9\\-]+:[0-9]{12}:function:[A-Za-z0-9\\-_]{1,64}(:[A-Za-z0-9$"
        "\\-_]+)?|[A-Za-z0-9\\-_]{1,64}";
    static const char queue[] = "https?://[^/]+/.+|[A-Za-z0-9\\-_.]{1,85}";
    const char *target = s->type->beside[0];
    bool lambda = strcmp(target, "FunctionArn") == 0;
    const bf_json *node = bf_json_get(s->node, target);
    struct bf_sv target_path = def_path(def, s->path, target);

    for (const bf_json *a = bf_json_first(arguments); a != NULL; a = bf_json_next(a)) {
        def_check_scalar(def, a, def_path(def, path, bf_json_key(a).ptr));
    }
    if (node == NULL) {
        missing(def, s->node, s->path, target);
    }
    def_check_text(def, node, target_path, 1, 1024);
    if (bf_json_kind(node) == BF_JSON_STRING) {
        def_check_pattern(def, node, target_path, lambda ? function : queue,
                          lambda ? "the ARN of a function" : "the URL of a queue");
    }
    check_outputs(def, bf_json_get(s->node, "OutputParameters"),
                  def_path(def, s->path, "OutputParameters"));
}

/* ---- EMR ---- */

static void check_jar_step(struct definition *def, const bf_json *step, struct bf_sv path)
{
    static const char *const members[] = {"HadoopJarStep", NULL};
    /* RunJobFlow.Steps[].HadoopJarStep has the shape of StepConfig.HadoopJarStep. */
    const struct bf_member *steps = bf_shape_member(bf_shape_root("RunJobFlow"), BF_SV("Steps"));
    const struct bf_shape *item = &bf_shapes[bf_shapes[steps->shape].item];
    const struct bf_member *jar = bf_shape_member(item, BF_SV("HadoopJarStep"));
    const bf_json *node = bf_json_get(step, "HadoopJarStep");
    struct bf_sv jar_path = def_path(def, path, "HadoopJarStep");

    if (!def_only_members(def, step, path, members)) {
        return;
    }
    if (node == NULL) {
        missing(def, step, path, "HadoopJarStep");
        return;
    }
    bf_shape_check(def->shapes, node, &bf_shapes[jar->shape],
                   &(struct bf_shape_options){.path = jar_path.ptr, .definition = def},
                   def->findings);
}

static const char role_pattern[] = "arn:aws[a-z\\-]*:iam::[0-9]{12}:role/.{1,2000}";

void def_check_emr(struct definition *def, const struct def_step *s, const bf_json *arguments,
                   struct bf_sv path)
{
    static const char *const members[] = {"ClusterId", "ClusterConfig", "ExecutionRoleArn",
                                          "StepConfig", NULL};
    static const char *const not_needed[] = {"Name", NULL};
    const bf_json *config = bf_json_get(arguments, "ClusterConfig");
    const bf_json *role = bf_json_get(arguments, "ExecutionRoleArn");

    (void)s;
    (void)def_only_members(def, arguments, path, members);
    def_check_text(def, bf_json_get(arguments, "ClusterId"), def_path(def, path, "ClusterId"), 1,
                   256);
    def_check_pattern(def, role, def_path(def, path, "ExecutionRoleArn"), role_pattern,
                      "the ARN of a role");
    if ((config == NULL) == (bf_json_get(arguments, "ClusterId") == NULL)) {
        (void)DEF_REPORT(def, "definition.step", arguments, path,
                         "an EMR step needs one of ClusterId and ClusterConfig");
    }
    if (config != NULL) {
        def_check_shape(def, config, def_path(def, path, "ClusterConfig"), "RunJobFlow",
                        not_needed);
    }
    if (config != NULL && role != NULL) {
        (void)DEF_REPORT(def, "definition.step", role, def_path(def, path, "ExecutionRoleArn"),
                         "ExecutionRoleArn goes with ClusterId only");
    }
    if (bf_json_get(arguments, "StepConfig") == NULL) {
        missing(def, arguments, path, "StepConfig");
    } else {
        check_jar_step(def, bf_json_get(arguments, "StepConfig"),
                       def_path(def, path, "StepConfig"));
    }
}

/* ---- EMR Serverless: the names inside JobConfig and ApplicationConfig are that API's own ---- */

void def_check_emr_serverless(struct definition *def, const struct def_step *s,
                              const bf_json *arguments, struct bf_sv path)
{
    static const char *const members[] = {"ExecutionRoleArn", "ApplicationId", "ApplicationConfig",
                                          "JobConfig", NULL};
    /* The application and the role stand beside it; the service makes the token. */
    static const char *const not_needed[] = {"applicationId", "executionRoleArn", "clientToken",
                                             NULL};
    static const char application[] = "[0-9a-z]{1,64}";
    const bf_json *role = bf_json_get(arguments, "ExecutionRoleArn");
    const bf_json *id = bf_json_get(arguments, "ApplicationId");
    const bf_json *config = bf_json_get(arguments, "ApplicationConfig");
    const bf_json *job = bf_json_get(arguments, "JobConfig");

    (void)s;
    (void)def_only_members(def, arguments, path, members);
    if (role == NULL) {
        missing(def, arguments, path, "ExecutionRoleArn");
    }
    def_check_pattern(def, role, def_path(def, path, "ExecutionRoleArn"), role_pattern,
                      "the ARN of a role");
    if ((id == NULL) == (config == NULL)) {
        (void)DEF_REPORT(def, "definition.step", arguments, path,
                         "an EMRServerless step needs one of ApplicationId and ApplicationConfig");
    }
    def_check_pattern(def, id, def_path(def, path, "ApplicationId"), application,
                      "the id of an application");
    if (config != NULL) {
        def_check_shape(def, config, def_path(def, path, "ApplicationConfig"), "CreateApplication",
                        not_needed);
    }
    if (job == NULL) {
        missing(def, arguments, path, "JobConfig");
    } else {
        def_check_shape(def, job, def_path(def, path, "JobConfig"), "StartJobRun", not_needed);
    }
}

/* ---- Lineage ---- */

/* Whether the step creates an entity of the kind and name; also when one has its name from the run.
 * Of another kind than the three there is none to look for. */
static bool has_entity(const bf_json *arguments, struct bf_sv type, struct bf_sv name)
{
    static const struct {
        const char *type, *list, *member;
    } kinds[] = {{"Action", "Actions", "ActionName"},
                 {"Artifact", "Artifacts", "ArtifactName"},
                 {"Context", "Contexts", "ContextName"}};

    for (size_t i = 0; i < BF_COUNTOF(kinds); i++) {
        if (!bf_sv_is(type, kinds[i].type)) {
            continue;
        }
        const bf_json *list = bf_json_get(arguments, kinds[i].list);
        for (const bf_json *x = bf_json_first(list); x != NULL; x = bf_json_next(x)) {
            if (bf_sv_eq(bf_json_str(x, kinds[i].member), name) ||
                bf_is_expression(bf_json_get(x, kinds[i].member))) {
                return true;
            }
        }
        return false;
    }
    return true;
}

/* An end of an association: {"Arn"}, or {"Name", "Type"} of an entity of the same step. */
static void check_end(struct definition *def, const bf_json *arguments, const bf_json *end,
                      struct bf_sv path)
{
    static const char *const members[] = {"Arn", "Name", "Type", NULL};
    const bf_json *type = bf_json_get(end, "Type");
    bool arn = bf_json_get(end, "Arn") != NULL;
    bool name = bf_json_get(end, "Name") != NULL;

    if (!def_only_members(def, end, path, members)) {
        return;
    }
    if (arn == name || name != (type != NULL)) {
        (void)DEF_REPORT(def, "shape.missing_member", end, path,
                         BF_SV_FMT " needs either Arn, or Name and Type", BF_SV_ARG(path));
        return;
    }
    def_check_text(def, bf_json_get(end, "Arn"), def_path(def, path, "Arn"), 1, 256);
    def_check_text(def, bf_json_get(end, "Name"), def_path(def, path, "Name"), 1, 120);
    def_check_pattern(def, type, def_path(def, path, "Type"), "Action|Artifact|Context",
                      "the kind of an entity");
    if (bf_json_kind(bf_json_get(end, "Name")) == BF_JSON_STRING &&
        !has_entity(arguments, bf_json_text(type), bf_json_str(end, "Name"))) {
        def_report_reference(def, bf_json_get(end, "Name"), def_path(def, path, "Name"),
                             bf_sv_printf(def->arena,
                                          "the step creates no " BF_SV_FMT " '" BF_SV_FMT
                                          "': an entity from elsewhere is named by its Arn",
                                          BF_SV_ARG(bf_json_text(type)),
                                          BF_SV_ARG(bf_json_str(end, "Name"))),
                             BF_SV(""));
    }
}

static void check_association(struct definition *def, const bf_json *arguments,
                              const bf_json *association, struct bf_sv path)
{
    static const char *const members[] = {"Source", "Destination", "AssociationType", NULL};
    const struct bf_member *type =
        bf_shape_member(bf_shape_root("AddAssociation"), BF_SV("AssociationType"));
    struct bf_sv type_path = def_path(def, path, "AssociationType");
    const bf_json *word = bf_json_get(association, "AssociationType");

    if (!def_only_members(def, association, path, members)) {
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        if (bf_json_get(association, members[i]) == NULL) {
            missing(def, association, path, members[i]);
        } else {
            check_end(def, arguments, bf_json_get(association, members[i]),
                      def_path(def, path, members[i]));
        }
    }
    if (word != NULL) {
        bf_shape_check(def->shapes, word, &bf_shapes[type->shape],
                       &(struct bf_shape_options){.path = type_path.ptr, .definition = def},
                       def->findings);
    }
}

void def_check_lineage(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path)
{
    static const char *const members[] = {"Actions", "Artifacts", "Contexts", "Associations", NULL};
    static const char *const requests[] = {"CreateAction", "CreateArtifact", "CreateContext", NULL};

    (void)s;
    if (!def_only_members(def, arguments, path, members)) {
        return;
    }
    if (bf_json_first(arguments) == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", arguments, path,
                         "a Lineage step needs one of Actions, Artifacts, Contexts, Associations");
    }
    for (size_t i = 0; members[i] != NULL; i++) {
        const bf_json *list = bf_json_get(arguments, members[i]);
        struct bf_sv list_path = def_path(def, path, members[i]);
        size_t index = 0;
        if (!def_is_array(def, list, list_path)) {
            continue;
        }
        for (const bf_json *x = bf_json_first(list); x != NULL; x = bf_json_next(x), index++) {
            struct bf_sv at = item_path(def, list_path, index);
            if (requests[i] == NULL) {
                check_association(def, arguments, x, at);
            } else {
                def_check_shape(def, x, at, requests[i], NULL);
            }
        }
    }
}
