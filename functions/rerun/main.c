#include "functions/entry.h"
#include "functions/rerun/handler.h"

FUNCTION_MAIN(rerun_function)
