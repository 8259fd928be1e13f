#include "functions/deploy_spec/handler.h"
#include "functions/entry.h"

FUNCTION_MAIN(deploy_spec_function)
