/* The shared files of the AWS tools: ~/.aws/credentials and ~/.aws/config. */
#include <errno.h>
#include <stdio.h>

#include "aws/internal.h"

enum { MAX_PROFILE_FILE = 1024 * 1024 };

enum bf_code bf_aws_read_file(struct bf_arena *arena, const char *path, size_t max,
                              struct bf_sv *out, struct bf_err *err)
{
    FILE *file = fopen(path, "rbe");

    if (file == NULL) {
        return bf_err_set(err, errno == ENOENT ? BF_ENOTFOUND : BF_EIO, BF_NOWHERE,
                          "cannot open '%s': errno %d", path, errno);
    }
    struct bf_buf text = bf_buf_new(arena, max);
    char piece[4096];
    size_t got = 0;
    while (!text.full && (got = fread(piece, 1, sizeof(piece), file)) != 0) {
        bf_buf_add(&text, (struct bf_sv){.ptr = piece, .len = got});
    }
    const bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed || text.full) {
        return bf_err_set(err, failed ? BF_EIO : BF_ETOOLARGE, BF_NOWHERE,
                          failed ? "cannot read '%s'" : "'%s' is too large", path);
    }
    *out = bf_buf_sv(&text);
    return BF_OK;
}

/* Path of a shared file by its variable, else below HOME; NULL without both. */
static const char *shared_file(struct bf_aws *aws, const char *variable, const char *below_home)
{
    const char *path = bf_aws_env(aws, variable);
    const char *home = bf_aws_env(aws, "HOME");

    if (path == NULL && home != NULL) {
        return bf_sv_printf(aws->arena, "%s/%s", home, below_home).ptr;
    }
    return path;
}

/* Is the line "[profile name]" or "[name]" the section of ${profile}? */
static bool is_section(struct bf_sv line, struct bf_sv profile)
{
    if (line.len < 2 || line.ptr[0] != '[' || line.ptr[line.len - 1] != ']') {
        return false;
    }
    struct bf_sv name = bf_sv_trim(bf_sv_slice(line, 1, line.len - 1));
    if (bf_sv_starts(name, BF_SV("profile ")) || bf_sv_starts(name, BF_SV("profile\t"))) {
        name = bf_sv_trim(bf_sv_from(name, 8));
    }
    return bf_sv_eq(name, profile);
}

/* The value of a line "name = value"; false for another line. */
static bool is_setting(struct bf_sv line, const char *name, struct bf_sv *value)
{
    const size_t equals = bf_sv_find(line, '=');

    if (equals == line.len || !bf_sv_is(bf_sv_trim(bf_sv_slice(line, 0, equals)), name)) {
        return false;
    }
    *value = bf_sv_trim(bf_sv_from(line, equals + 1));
    return true;
}

static struct bf_sv setting_in(struct bf_aws *aws, const char *path, struct bf_sv profile,
                               const char *name)
{
    struct bf_sv text = {0};
    struct bf_sv found = {0};
    struct bf_err ignored = {0};
    bool inside = false;

    if (path == NULL ||
        bf_aws_read_file(aws->arena, path, MAX_PROFILE_FILE, &text, &ignored) != BF_OK) {
        return found;
    }
    while (text.len != 0) {
        struct bf_sv raw = bf_sv_cut(&text, '\n');
        struct bf_sv line = bf_sv_trim(raw);
        if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';') {
            continue;
        }
        if (line.ptr[0] == '[') {
            inside = is_section(line, profile);
        } else if (inside && raw.ptr[0] != ' ' && raw.ptr[0] != '\t') { /* indented: nested */
            (void)is_setting(line, name, &found);
        }
    }
    return found;
}

struct bf_sv bf_aws_profile(struct bf_aws *aws, const char *name)
{
    const char *named = bf_aws_env(aws, "AWS_PROFILE");
    struct bf_sv profile = named == NULL ? BF_SV("default") : bf_sv_of(named);
    const char *credentials = shared_file(aws, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
    struct bf_sv found = setting_in(aws, credentials, profile, name);

    return found.len != 0
               ? found
               : setting_in(aws, shared_file(aws, "AWS_CONFIG_FILE", ".aws/config"), profile, name);
}
