#ifndef BF_FUNCTIONS_RERUN_HANDLER_H
#define BF_FUNCTIONS_RERUN_HANDLER_H

#include "inbox/function.h"

/**
 * Starts the runs that are due.
 *
 *   {"kind":"schedule","pipeline","schedule","scheduled_time",...}   what a schedule of EventBridge
 *       Scheduler sends: compute the parameters, decide about overlap, start once
 *   "SageMaker Model Building Pipeline Execution Status Change"      a run ended: watermark, what
 *       waits for its turn
 */
extern const struct bf_function_type rerun_function;

#endif /* BF_FUNCTIONS_RERUN_HANDLER_H */
