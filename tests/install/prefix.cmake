# cmake -D BUILD=... -D PREFIX=... -D HEADERS=... -D NM=... -P prefix.cmake
# Installs into a new prefix and looks at what came: all public headers, and a shared library that shows the API alone.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

file(GLOB wanted RELATIVE ${HEADERS} ${HEADERS}/conclave/*.hpp)
file(GLOB_RECURSE found RELATIVE ${PREFIX}/include ${PREFIX}/include/*)
if(NOT "${wanted}" STREQUAL "${found}")
  message(FATAL_ERROR "installed headers: ${found}\nwanted: ${wanted}")
endif()

file(GLOB_RECURSE shared ${PREFIX}/libconclave.so)
execute_process(COMMAND ${NM} --dynamic --defined-only --demangle --format=just-symbols ${shared}
                OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
if(NOT "conclave::error_category()" IN_LIST symbols)
  message(FATAL_ERROR "the shared library does not show conclave::error_category()")
endif()
set(inner "base|paxos|gossip|coordination|engine|wire|storage|transport|driver|client|node|cli")
foreach(symbol IN LISTS symbols)
  if(NOT symbol MATCHES "^((typeinfo|typeinfo name|vtable) for )?conclave::" OR symbol MATCHES "^[^(]*conclave::(${inner})::")
    message(SEND_ERROR "the shared library shows ${symbol}")
  endif()
endforeach()
