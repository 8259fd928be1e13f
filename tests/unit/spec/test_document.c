#include "tests/unit/spec/resolve_help.h"

/* A pipeline file, with or without a platform file, composed for one environment. */
struct composed {
    struct bf_arena *arena;
    struct bf_diags *diags;
    struct bf_sources sources;
    struct bf_document *document;
    const struct bf_value *root;
    enum bf_code code;
};

static struct composed compose(const char *platform, const char *file, const char *environment)
{
    struct composed c = {.arena = bf_arena_new((size_t)64 << 20)};
    struct bf_text texts[] = {{"platform.yaml", bf_sv_of(platform)}, {"p.yaml", bf_sv_of(file)}};
    struct bf_variables none = {0};

    c.diags = bf_diags_new(c.arena);
    (void)!bf_sources_load(c.arena, platform == NULL ? NULL : &texts[0], &texts[1], c.diags,
                           &c.sources);
    c.document = bf_document_compose(c.arena, &c.sources, bf_sv_of(environment));
    c.code = bf_document_resolve(c.document, &none, c.diags, &c.root);
    bf_diags_sort(c.diags);
    return c;
}

static void composed_free(struct composed *c)
{
    bf_arena_destroy(&c->arena);
}

static const struct bf_value *at(const struct composed *c, const char *path)
{
    const struct bf_value *value = c->root;
    struct bf_sv rest = bf_sv_of(path);

    while (rest.len != 0 && value != NULL) {
        value = bf_value_get(value, bf_sv_cut(&rest, '.'));
    }
    return value;
}

static void assert_text(const struct composed *c, const char *path, const char *text)
{
    const struct bf_value *value = at(c, path);

    assert_non_null(value);
    if (!bf_sv_is(value->text, text)) {
        fail_msg("%s is '%.*s', not '%s'", path, BF_SV_ARG(value->text), text);
    }
}

static const char *told(const struct composed *c, size_t index)
{
    if (index >= bf_diags_total(c->diags)) {
        return "none";
    }
    const struct bf_diag *d = bf_diags_at(c->diags, index);
    return bf_sv_printf(c->arena, "%s:%u:%u %s", d->loc.file, d->loc.line, d->loc.col, d->code).ptr;
}

static void layers_merge_platform_file_and_their_environments(void **state)
{
    const char *platform =
        "a: platform\nb: platform\nc: platform\nd: platform\n"
        "environments: {prod: {c: platform-prod, d: platform-prod}}\n";
    const char *file = "b: file\nc: file\nenvironments: {prod: {d: file-prod}}\n";
    struct composed c = compose(platform, file, "prod");
    (void)state;

    assert_text(&c, "a", "platform");
    assert_text(&c, "b", "file");
    assert_text(&c, "c", "platform-prod");
    assert_text(&c, "d", "file-prod");
    assert_null(at(&c, "environments"));
    assert_string_equal(at(&c, "c")->loc.file, "platform.yaml");
    assert_string_equal(at(&c, "d")->loc.file, "p.yaml");
    composed_free(&c);
    c = compose(platform, file, "");
    assert_text(&c, "c", "file");
    assert_text(&c, "d", "platform");
    composed_free(&c);
}

static void the_environments_of_both_files_are_listed(void **state)
{
    struct composed c = compose("environments: {prod: {}, shared: ~}\n",
                                "x: 1\nenvironments:\n  prod: {x: 2}\n  dev: {x: 3}\n", "nobody");
    (void)state;

    assert_int_equal(c.sources.environment_count, 4);
    assert_true(c.sources.environments[0].platform);
    assert_true(bf_sv_is(c.sources.environments[3].name, "dev"));
    assert_false(c.sources.environments[3].platform);
    assert_int_equal(c.sources.environments[3].key_loc.line, 4);
    assert_true(bf_sources_declare(&c.sources, BF_SV("shared")));
    assert_false(bf_sources_declare(&c.sources, BF_SV("nobody")));
    assert_int_equal(at(&c, "x")->integer, 1); /* an unknown one is the base */
    composed_free(&c);
}

static void nothing_can_refer_to_environments(void **state)
{
    struct composed c =
        compose(NULL, "x: ${environments.prod.x}\nenvironments: {prod: {x: 2}}\n", "prod");
    (void)state;

    assert_int_equal(c.code, BF_OK); /* the overlay replaced the reference */
    assert_int_equal(at(&c, "x")->integer, 2);
    composed_free(&c);
    c = compose(NULL, "x: ${environments.prod.x}\nenvironments: {prod: {x: 2}}\n", "");
    assert_string_equal(told(&c, 0), "p.yaml:1:4 interpolation.key");
    assert_int_equal(at(&c, "x")->kind, BF_VALUE_ERROR);
    composed_free(&c);
}

static void files_and_overlays_that_are_no_maps_are_told(void **state)
{
    struct composed c = compose("[1]\n", "environments: [1]\n", "");
    (void)state;

    assert_string_equal(told(&c, 0), "p.yaml:1:1 spec.type");
    assert_string_equal(told(&c, 1), "platform.yaml:1:1 spec.type");
    assert_int_equal(c.root->kind, BF_VALUE_MAP);
    composed_free(&c);
    c = compose(NULL, "environments: {prod: 5}\n", "prod");
    assert_string_equal(told(&c, 0), "p.yaml:1:22 spec.type");
    composed_free(&c);
}

static void a_file_that_cannot_be_read_leaves_the_other(void **state)
{
    struct composed c = compose("a: 1\n", "b: {\n", "");
    (void)state;

    assert_int_equal(at(&c, "a")->integer, 1);
    assert_int_equal(bf_diags_count(c.diags, BF_ERROR), 1);
    composed_free(&c);
}

#define RUN_TIME                                                                                   \
    "variables: {m: {a: 1}}\n"                                                                     \
    "schedules:\n  n:\n    cron: ${variables.m.a} 9 ? * MON *\n"                                   \
    "    parameters: {d: '${date:%F,-1d}', i: 010, n: null, t: 'a ${param:x'}\n"                   \
    "triggers:\n  t: {parameters: {k: '${trigger.key}'}, key: '${variables.m.a}'}\n"

static void run_time_text_stands_as_it_is_written(void **state)
{
    struct composed c = compose(NULL, RUN_TIME, "");
    (void)state;

    assert_int_equal(c.code, BF_OK);
    assert_int_equal(at(&c, "schedules.n.parameters.d")->kind, BF_VALUE_STRING);
    assert_text(&c, "schedules.n.parameters.d", "${date:%F,-1d}");
    assert_text(&c, "schedules.n.parameters.i", "010");
    assert_text(&c, "schedules.n.parameters.t", "a ${param:x");
    assert_int_equal(at(&c, "schedules.n.parameters.n")->kind, BF_VALUE_NULL);
    assert_text(&c, "schedules.n.cron", "1 9 ? * MON *");
    assert_text(&c, "triggers.t.parameters.k", "${trigger.key}");
    assert_int_equal(at(&c, "triggers.t.key")->kind, BF_VALUE_INT);
    composed_free(&c);
}

static void an_interpolation_in_place_of_the_parameters_stays_text(void **state)
{
    struct composed c = compose(NULL, "schedules: {n: {parameters: '${variables.p}'}}\n", "");
    (void)state;

    assert_int_equal(c.code, BF_OK);
    assert_text(&c, "schedules.n.parameters", "${variables.p}");
    composed_free(&c);
}

static void anchors_may_carry_run_time_text(void **state)
{
    struct composed c = compose(NULL,
                                "schedules:\n  a: {parameters: &p {d: '${date:%F}'}}\n"
                                "  b: {parameters: {<<: *p, e: '${run.kind}'}}\n",
                                "");
    (void)state;

    assert_int_equal(c.code, BF_OK);
    assert_text(&c, "schedules.b.parameters.d", "${date:%F}");
    composed_free(&c);
}

static void run_time_text_cannot_be_read_from_elsewhere(void **state)
{
    static const char *const paths[] = {"schedules.n.parameters.d", "schedules.n.parameters",
                                        "schedules.n", "triggers"};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(paths); i++) {
        char text[1024];
        (void)snprintf(text, sizeof(text), "%sx: ${%s}\n", RUN_TIME, paths[i]);
        struct composed c = compose(NULL, text, "");
        assert_string_equal(told(&c, bf_diags_total(c.diags) - 1), "p.yaml:8:4 interpolation.type");
        composed_free(&c);
    }
}

static void run_time_text_that_no_layer_gives_is_missing(void **state)
{
    const char *file =
        "schedules: {n: {parameters: {d: '?\?\?', e: '${date:%F}'}}}\n"
        "environments: {prod: {schedules: {n: {parameters: {d: '${date:%F}'}}}}}\n";
    struct composed c = compose(NULL, file, "");
    (void)state;

    assert_string_equal(told(&c, 0), "p.yaml:1:33 interpolation.missing");
    composed_free(&c);
    c = compose(NULL, file, "prod");
    assert_int_equal(c.code, BF_OK);
    composed_free(&c);
}

static void run_time_names_elsewhere_get_the_hint_where_they_belong(void **state)
{
    struct composed c = compose(NULL, "x: ${schedule.time}\ny: ${date:%F}\nz: ${param.x}\n", "");
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct bf_sv hint = bf_diags_at(c.diags, i)->hint;
        assert_true(bf_sv_search(hint, BF_SV("only in parameters of schedules")) != hint.len);
    }
    assert_true(
        bf_sv_is(bf_diags_at(c.diags, 2)->hint, "a run-time reference has a colon: ${param:...}"));
    composed_free(&c);
}

static void all_mistakes_are_told_and_each_one_once(void **state)
{
    struct composed c = compose(NULL,
                                "variables: {a: '${nope}', b: '${.a}', c: 'x ${.b} ${'}\n"
                                "steps: {s: {image: '${variables.a}', n: '${variables.none}'}}\n"
                                "x: '?\?\?'\ny: ${x}\n",
                                "");
    (void)state;

    assert_string_equal(told(&c, 0), "p.yaml:1:17 interpolation.key");
    assert_string_equal(told(&c, 1), "p.yaml:1:51 interpolation.syntax");
    assert_string_equal(told(&c, 2), "p.yaml:2:42 interpolation.key");
    assert_string_equal(told(&c, 3), "p.yaml:3:4 interpolation.missing");
    assert_int_equal(bf_diags_total(c.diags), 4);
    assert_int_equal(at(&c, "steps.s.image")->kind, BF_VALUE_ERROR);
    assert_int_equal(at(&c, "steps")->kind, BF_VALUE_MAP);
    composed_free(&c);
}

static void a_template_is_known_by_its_missing_values(void **state)
{
    const char *file = "bucket: '?\?\?'\nenvironments: {prod: {bucket: b}}\n";
    struct composed c = compose(NULL, file, "prod");
    (void)state;

    assert_false(bf_document_has_missing(c.document));
    assert_int_equal(c.code, BF_OK);
    composed_free(&c);
    c = compose(NULL, file, "");
    assert_true(bf_document_has_missing(c.document));
    assert_string_equal(told(&c, 0), "p.yaml:1:9 interpolation.missing");
    composed_free(&c);
}

static void unused_variables_of_the_file_are_listed(void **state)
{
    const struct bf_unused *unused = NULL;
    struct composed c = compose("variables: {platform_only: 1}\n",
                                "variables:\n  used: 1\n  never: 2\n  deep: {a: {b: 1}}\n"
                                "  by: ${.other}\n  other: 1\nx: ${variables.used}\n"
                                "y: ${variables.deep.a.b}\n",
                                "");
    (void)state;

    assert_int_equal(bf_document_unused_variables(c.document, &unused), 2);
    assert_true(bf_sv_is(unused[0].name, "never"));
    assert_int_equal(unused[0].key_loc.line, 3);
    assert_true(bf_sv_is(unused[1].name, "by"));
    composed_free(&c);
    c = compose(NULL, "variables: {a: 1}\nx: ${variables}\n", "");
    assert_int_equal(bf_document_unused_variables(c.document, &unused), 0);
    composed_free(&c);
}

static void a_value_knows_where_it_is_used_and_where_it_comes_from(void **state)
{
    struct composed c =
        compose(NULL,
                "variables:\n  ecr: acc.ecr\n  image: ${.ecr}\n  text: '${.ecr}/x'\n"
                "steps:\n  a: {image: \"${variables.image}\", t: '${variables.text}'}\n",
                "");
    const struct bf_value *image = at(&c, "steps.a.image");
    (void)state;

    assert_true(bf_sv_is(image->text, "acc.ecr"));
    assert_int_equal(image->loc.line, 6);
    assert_int_equal(image->loc.col, 15);
    assert_true(bf_sv_is(image->chain->path, "variables.image"));
    assert_int_equal(image->chain->loc.line, 3);
    assert_true(bf_sv_is(image->chain->next->path, "variables.ecr"));
    assert_int_equal(image->chain->next->loc.line, 2);
    assert_null(image->chain->next->next);
    assert_null(at(&c, "variables.ecr")->chain);
    assert_true(bf_sv_is(at(&c, "steps.a.t")->chain->path, "variables.text"));
    composed_free(&c);
}

static void a_reference_stands_where_it_ends_up(void **state)
{
    struct composed c = compose(NULL,
                                "variables: {r: '${param:p}'}\n"
                                "x: ${variables.r}\ny: a ${variables.r} ${step:s.t}\n",
                                "");
    const struct bf_value *x = at(&c, "x");
    const struct bf_value *y = at(&c, "y");
    (void)state;

    assert_int_equal(x->kind, BF_VALUE_REFERENCE);
    assert_int_equal(x->parts[0].ref->loc.line, 2);
    assert_true(bf_sv_is(x->parts[0].ref->argument, "p"));
    assert_true(bf_sv_is(x->parts[0].ref->chain->path, "variables.r"));
    assert_int_equal(y->kind, BF_VALUE_JOINED);
    assert_int_equal(y->count, 4);
    assert_int_equal(y->parts[1].ref->loc.line, 3);
    assert_int_equal(y->parts[1].ref->loc.col, 6);
    assert_int_equal(y->parts[3].ref->loc.col, 21);
    assert_null(y->parts[3].ref->chain);
    composed_free(&c);
}

static void keys_point_into_the_layer_that_gave_the_value(void **state)
{
    struct composed c = compose(NULL,
                                "l: [1]\nm: {a: 1}\nenvironments:\n  p:\n    l: [2]\n"
                                "    m: {b: 2}\n",
                                "p");
    (void)state;

    assert_int_equal(bf_value_pair(c.root, BF_SV("l"))->key_loc.line, 5);
    assert_int_equal(bf_value_pair(c.root, BF_SV("m"))->key_loc.line, 2);
    assert_int_equal(bf_value_pair(at(&c, "m"), BF_SV("b"))->key_loc.line, 6);
    composed_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_merge_platform_file_and_their_environments),
        cmocka_unit_test(the_environments_of_both_files_are_listed),
        cmocka_unit_test(nothing_can_refer_to_environments),
        cmocka_unit_test(files_and_overlays_that_are_no_maps_are_told),
        cmocka_unit_test(a_file_that_cannot_be_read_leaves_the_other),
        cmocka_unit_test(run_time_text_stands_as_it_is_written),
        cmocka_unit_test(an_interpolation_in_place_of_the_parameters_stays_text),
        cmocka_unit_test(anchors_may_carry_run_time_text),
        cmocka_unit_test(run_time_text_cannot_be_read_from_elsewhere),
        cmocka_unit_test(run_time_text_that_no_layer_gives_is_missing),
        cmocka_unit_test(run_time_names_elsewhere_get_the_hint_where_they_belong),
        cmocka_unit_test(all_mistakes_are_told_and_each_one_once),
        cmocka_unit_test(a_template_is_known_by_its_missing_values),
        cmocka_unit_test(unused_variables_of_the_file_are_listed),
        cmocka_unit_test(a_value_knows_where_it_is_used_and_where_it_comes_from),
        cmocka_unit_test(a_reference_stands_where_it_ends_up),
        cmocka_unit_test(keys_point_into_the_layer_that_gave_the_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
