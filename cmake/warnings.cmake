# The flags of our own code. Third-party headers are SYSTEM and exempt.
add_library(buzzflow_flags INTERFACE)
target_compile_definitions(buzzflow_flags INTERFACE _GNU_SOURCE BUZZFLOW_VERSION="${PROJECT_VERSION}")
target_compile_options(buzzflow_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings
    -Wformat=2 -Wnull-dereference -Wdouble-promotion -Wundef -Wvla -Wimplicit-fallthrough
    -fno-common -fno-omit-frame-pointer -fstack-protector-strong)
if(BUZZFLOW_WERROR)
    target_compile_options(buzzflow_flags INTERFACE -Werror)
endif()
if(BUZZFLOW_SANITIZE)
    target_compile_options(buzzflow_flags INTERFACE -fsanitize=${BUZZFLOW_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(buzzflow_flags INTERFACE -fsanitize=${BUZZFLOW_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_definitions(buzzflow_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
