#include "base/env.h"

#include <stddef.h>
#include <string.h>

const char *bf_env_get(const char *const *env, const char *name)
{
    const size_t len = strlen(name);

    for (; env != NULL && *env != NULL; env++) {
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=') {
            const char *value = *env + len + 1;
            return *value == '\0' ? NULL : value;
        }
    }
    return NULL;
}
