#ifndef BF_FUNCTIONS_PIPELINE_STATE_HANDLER_H
#define BF_FUNCTIONS_PIPELINE_STATE_HANDLER_H

#include "inbox/function.h"

/**
 * Keeps each run's Slack message true and publishes failures.
 *
 *   SageMaker Model Building Pipeline Execution Status Change        alert/alerter.h
 *   SageMaker Model Building Pipeline Execution Step Status Change   the same: the truth is read
 *
 * Other events of SageMaker do nothing; what is no event of SageMaker is refused.
 */
extern const struct bf_function_type pipeline_state_function;

#endif /* BF_FUNCTIONS_PIPELINE_STATE_HANDLER_H */
