#ifndef BF_BASE_ENV_H
#define BF_BASE_ENV_H

/**
 * The value of ${name} in ${env}, an array of "NAME=value" that ends with NULL (as environ), or
 * NULL. A variable that is set but empty counts as absent: tools such as sam local pass every
 * declared variable, empty when it has no value. The answer points into ${env}.
 */
const char *bf_env_get(const char *const *env, const char *name);

#endif /* BF_BASE_ENV_H */
