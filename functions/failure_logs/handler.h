#ifndef BF_FUNCTIONS_FAILURE_LOGS_HANDLER_H
#define BF_FUNCTIONS_FAILURE_LOGS_HANDLER_H

#include "inbox/function.h"

/**
 * Finds the cause of a failed run in its logs and answers in the run's thread.
 *
 *   {"kind":"pipeline_failed","execution_arn",...}   of the topic (raw, or in SNS's envelope)
 *
 * Log lines arrive late: where the cause is not there yet, the message comes again with "tries"
 * counted up, after 10, 30 and 60 s, and then what there is is posted.
 */
extern const struct bf_function_type failure_logs_function;

#endif /* BF_FUNCTIONS_FAILURE_LOGS_HANDLER_H */
