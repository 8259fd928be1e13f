#ifndef BF_FUNCTIONS_DEPLOY_SPEC_HANDLER_H
#define BF_FUNCTIONS_DEPLOY_SPEC_HANDLER_H

#include "inbox/function.h"

/**
 * Deploys what is written to the spec bucket.
 *
 *   specs/....pipeline.yaml written or removed    shared/deploy, then a note in Slack
 *   platform.yaml written or removed              every pipeline file again: each as a message
 *                                                 {"kind":"redeploy","bucket","key"} in our queue
 *
 * A file with mistakes is no failure of the function: the deployment record has its diagnostics.
 */
extern const struct bf_function_type deploy_spec_function;

#endif /* BF_FUNCTIONS_DEPLOY_SPEC_HANDLER_H */
