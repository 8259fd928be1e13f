#include "functions/entry.h"
#include "functions/failure_logs/handler.h"

FUNCTION_MAIN(failure_logs_function)
