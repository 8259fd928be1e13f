# buzzflow_library(base NEEDS ... THIRD_PARTY ...): shared/<name>/*.c as a static library. NEEDS are
# public edges: who links a library may include what it needs, and nothing else (tests/layers).
set_property(GLOBAL PROPERTY BUZZFLOW_LAYERS "")

function(buzzflow_library name)
    cmake_parse_arguments(arg "" "" "NEEDS;THIRD_PARTY" ${ARGN})
    set_property(GLOBAL APPEND_STRING PROPERTY BUZZFLOW_LAYERS "${name}: ${arg_NEEDS}\n")
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/shared/${name}/*.c)
    if(NOT sources)
        return()
    endif()
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/shared)
    target_link_libraries(${name} PRIVATE buzzflow_flags PUBLIC m)
    foreach(edge ${arg_NEEDS})
        target_link_libraries(${name} PUBLIC ${edge})
    endforeach()
    foreach(library ${arg_THIRD_PARTY})
        target_link_libraries(${name} PRIVATE third_party::${library})
    endforeach()
endfunction()

function(buzzflow_executable target)
    cmake_parse_arguments(arg "" "" "SOURCES;NEEDS" ${ARGN})
    add_executable(${target} ${arg_SOURCES})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/shared)
    target_link_libraries(${target} PRIVATE ${arg_NEEDS} buzzflow_flags)
    if(BUZZFLOW_STATIC)
        target_link_options(${target} PRIVATE -static -Wl,--gc-sections)
    endif()
endfunction()

# A function's handler is a library too (function_<name>): its main.c, the CLI's "invoke" and the
# tests link the same code.
function(buzzflow_function name)
    cmake_parse_arguments(arg "" "" "NEEDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/functions/${name}/*.c)
    list(FILTER sources EXCLUDE REGEX "/main\\.c$")
    if(NOT sources)
        return()
    endif()
    add_library(function_${name} STATIC ${sources})
    target_include_directories(function_${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/shared)
    target_link_libraries(function_${name} PUBLIC ${arg_NEEDS} PRIVATE buzzflow_flags)
    buzzflow_executable(bootstrap_${name} SOURCES ${PROJECT_SOURCE_DIR}/functions/${name}/main.c
                        NEEDS function_${name} runtime)
    set_target_properties(bootstrap_${name} PROPERTIES OUTPUT_NAME bootstrap
                          RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/functions/${name})
endfunction()
