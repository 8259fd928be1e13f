#include "functions/entry.h"
#include "functions/pipeline_state/handler.h"

FUNCTION_MAIN(pipeline_state_function)
