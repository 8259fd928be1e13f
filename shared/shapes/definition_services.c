/*
 * Steps of other services, whose arguments are no single request. Sources: sagemaker-python-sdk
 * src/sagemaker/workflow (emr_step, emr_serverless_step, lineage_step).
 */
#include "shapes/definition.h"

static void check_part(struct definition *def, const bf_json *part, struct bf_sv path,
                       const char *root, const char *const *not_required,
                       const char *const *refused)
{
    bf_shape_check(def->shapes, part, bf_shape_root(root),
                   &(struct bf_shape_options){
                       .path = path.ptr, .not_required = not_required, .refused = refused},
                   def->findings);
}

/* ${arguments} has exactly one of two members. */
static void one_of(struct definition *def, const bf_json *arguments, struct bf_sv path,
                   const char *const *members, const char *step)
{
    if ((bf_json_get(arguments, members[0]) == NULL) ==
        (bf_json_get(arguments, members[1]) == NULL)) {
        (void)DEF_REPORT(def, "definition.step", arguments, path, "%s needs one of %s and %s", step,
                         members[0], members[1]);
    }
}

/* ---- EMR ---- */

static void check_cluster_config(struct definition *def, const bf_json *arguments,
                                 struct bf_sv path)
{
    static const char *const name[] = {"Name", NULL};
    /* The last two are members of Instances; SageMaker's guide names them without it. */
    static const char *const refused[] = {"Name",
                                          "Steps",
                                          "AutoTerminationPolicy",
                                          "KeepJobFlowAliveWhenNoSteps",
                                          "TerminationProtected",
                                          "Instances.KeepJobFlowAliveWhenNoSteps",
                                          "Instances.TerminationProtected",
                                          NULL};
    const bf_json *config = bf_json_get(arguments, "ClusterConfig");

    if (config == NULL) {
        return;
    }
    check_part(def, config, def_path(def, path, "ClusterConfig"), "RunJobFlow", name, refused);
    if (bf_json_get(arguments, "ExecutionRoleArn") != NULL) {
        (void)DEF_REPORT(def, "definition.step", bf_json_get(arguments, "ExecutionRoleArn"),
                         def_path(def, path, "ExecutionRoleArn"),
                         "ExecutionRoleArn goes with ClusterId only");
    }
}

static void check_step_config(struct definition *def, const bf_json *arguments, struct bf_sv path)
{
    static const char *const members[] = {"HadoopJarStep", NULL};
    const bf_json *step = bf_json_get(arguments, "StepConfig");
    struct bf_sv step_path = def_path(def, path, "StepConfig");

    if (bf_json_kind(step) != BF_JSON_OBJECT) {
        (void)DEF_REPORT(def, "shape.missing_member", arguments, path, "'StepConfig' is missing");
        return;
    }
    def_only_members(def, step, step_path, members);
    /* RunJobFlow.Steps[].HadoopJarStep has the shape of StepConfig.HadoopJarStep. */
    const struct bf_member *steps = bf_shape_member(bf_shape_root("RunJobFlow"), BF_SV("Steps"));
    const struct bf_shape *item = &bf_shapes[bf_shapes[steps->shape].item];
    const struct bf_member *jar = bf_shape_member(item, BF_SV("HadoopJarStep"));
    const bf_json *jar_step = bf_json_get(step, "HadoopJarStep");
    if (jar_step == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", step, step_path,
                         "'HadoopJarStep' is missing");
        return;
    }
    struct bf_sv jar_path = def_path(def, step_path, "HadoopJarStep");
    bf_shape_check(def->shapes, jar_step, &bf_shapes[jar->shape],
                   &(struct bf_shape_options){.path = jar_path.ptr}, def->findings);
}

void def_check_emr(struct definition *def, const struct def_step *s, const bf_json *arguments,
                   struct bf_sv path)
{
    static const char *const members[] = {"ClusterId", "ClusterConfig", "ExecutionRoleArn",
                                          "StepConfig", NULL};

    (void)s;
    def_only_members(def, arguments, path, members);
    def_check_text(def, bf_json_get(arguments, "ClusterId"), def_path(def, path, "ClusterId"), 1,
                   256);
    one_of(def, arguments, path, members, "an EMR step");
    check_cluster_config(def, arguments, path);
    check_step_config(def, arguments, path);
}

/* ---- EMR Serverless ---- */

void def_check_emr_serverless(struct definition *def, const struct def_step *s,
                              const bf_json *arguments, struct bf_sv path)
{
    static const char *const members[] = {"ApplicationId", "ApplicationConfig", "ExecutionRoleArn",
                                          "JobConfig", NULL};
    /* The step says the first two beside JobConfig, and the service makes the token. */
    static const char *const given[] = {"applicationId", "executionRoleArn", "clientToken", NULL};
    const bf_json *config = bf_json_get(arguments, "ApplicationConfig");
    const bf_json *job = bf_json_get(arguments, "JobConfig");

    (void)s;
    def_only_members(def, arguments, path, members);
    one_of(def, arguments, path, members, "an EMRServerless step");
    def_check_text(def, bf_json_get(arguments, "ApplicationId"),
                   def_path(def, path, "ApplicationId"), 1, 64);
    def_check_text(def, bf_json_get(arguments, "ExecutionRoleArn"),
                   def_path(def, path, "ExecutionRoleArn"), 1, 2048);
    for (size_t i = 2; members[i] != NULL; i++) {
        if (bf_json_get(arguments, members[i]) == NULL) {
            (void)DEF_REPORT(def, "shape.missing_member", arguments, path, "'%s' is missing",
                             members[i]);
        }
    }
    if (config != NULL) {
        check_part(def, config, def_path(def, path, "ApplicationConfig"), "CreateApplication",
                   given, NULL);
    }
    if (job != NULL) {
        check_part(def, job, def_path(def, path, "JobConfig"), "StartJobRun", given, NULL);
    }
}

/* ---- Lineage ---- */

/* The entities of one kind, each the request that creates it. */
static void check_entities(struct definition *def, const bf_json *list, struct bf_sv path,
                           const char *request)
{
    size_t index = 0;

    if (list != NULL && bf_json_kind(list) != BF_JSON_ARRAY) {
        def_report_kind(def, list, path, "an array");
        return;
    }
    for (const bf_json *e = bf_json_first(list); e != NULL; e = bf_json_next(e), index++) {
        check_part(def, e, bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(path), index),
                   request, NULL, NULL);
    }
}

/* {Arn}, or {Name, Type} of an entity of the same step. */
static void check_end(struct definition *def, const bf_json *holder, struct bf_sv path,
                      const char *name)
{
    static const char *const members[] = {"Arn", "Name", "Type", NULL};
    const bf_json *end = bf_json_get(holder, name);
    struct bf_sv at = def_path(def, path, name);
    bool arn = bf_json_get(end, "Arn") != NULL, named = bf_json_get(end, "Name") != NULL;

    if (bf_json_kind(end) != BF_JSON_OBJECT || bf_is_expression(end)) {
        (void)DEF_REPORT(def, end == NULL ? "shape.missing_member" : "shape.type",
                         end == NULL ? holder : end, end == NULL ? path : at,
                         "an association needs %s, {Arn} or {Name, Type}", name);
        return;
    }
    def_only_members(def, end, at, members);
    if (arn == named || named != (bf_json_get(end, "Type") != NULL)) {
        (void)DEF_REPORT(def, "shape.missing_member", end, at,
                         "%s of an association is {Arn} or {Name, Type}", name);
    }
    for (size_t i = 0; members[i] != NULL; i++) {
        def_check_text(def, bf_json_get(end, members[i]), def_path(def, at, members[i]), 1, 256);
    }
}

static void check_association(struct definition *def, const bf_json *association, struct bf_sv path)
{
    static const char *const members[] = {"Source", "Destination", "AssociationType", NULL};
    const struct bf_member *type =
        bf_shape_member(bf_shape_root("AddAssociation"), BF_SV("AssociationType"));
    const bf_json *word = bf_json_get(association, members[2]);

    if (bf_json_kind(association) != BF_JSON_OBJECT) {
        def_report_kind(def, association, path, "an object");
        return;
    }
    def_only_members(def, association, path, members);
    check_end(def, association, path, members[0]);
    check_end(def, association, path, members[1]);
    if (word != NULL) {
        struct bf_sv at = def_path(def, path, members[2]);
        bf_shape_check(def->shapes, word, &bf_shapes[type->shape],
                       &(struct bf_shape_options){.path = at.ptr}, def->findings);
    }
}

void def_check_lineage(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path)
{
    static const char *const members[] = {"Actions", "Artifacts", "Contexts", "Associations", NULL};
    static const char *const requests[] = {"CreateAction", "CreateArtifact", "CreateContext"};
    const bf_json *associations = bf_json_get(arguments, members[3]);
    struct bf_sv at = def_path(def, path, members[3]);
    size_t index = 0;

    (void)s;
    def_only_members(def, arguments, path, members);
    for (size_t i = 0; i < BF_COUNTOF(requests); i++) {
        check_entities(def, bf_json_get(arguments, members[i]), def_path(def, path, members[i]),
                       requests[i]);
    }
    if (associations != NULL && bf_json_kind(associations) != BF_JSON_ARRAY) {
        def_report_kind(def, associations, at, "an array");
        return;
    }
    for (const bf_json *a = bf_json_first(associations); a != NULL; a = bf_json_next(a), index++) {
        check_association(def, a,
                          bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(at), index));
    }
}
