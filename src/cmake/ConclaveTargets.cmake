# How every target of the project is made.

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# Flags of every target of ours, never of a consumer.
add_library(conclave_flags INTERFACE)
target_compile_features(conclave_flags INTERFACE cxx_std_20)
target_compile_options(conclave_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
# Optimized further than for development, GCC 12 sees what is not there in variants and strings: a wall of false alarms.
target_compile_options(conclave_flags INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-maybe-uninitialized;-Wno-restrict>)
if(CONCLAVE_SANITIZE)
  target_compile_options(conclave_flags INTERFACE -fsanitize=${CONCLAVE_SANITIZE} -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(conclave_flags INTERFACE -fsanitize=${CONCLAVE_SANITIZE})
  # Asio has fences beside its mutexes. TSan does not know fences, and the mutexes are enough for it.
  target_compile_options(conclave_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
endif()

# conclave_layer(NAME [USES layer...] [LIBRARIES target...])
# The folder `src/NAME` as a static library `conclave_NAME` of all its .cpp files. USES names the neighbours whose headers
# it may include; LIBRARIES are third-party and stay private to the layer.
function(conclave_layer name)
  cmake_parse_arguments(arg "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(conclave_${name} STATIC ${sources})
  set_target_properties(conclave_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                                                    VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(conclave_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM arg_USES PREPEND conclave_)
  target_link_libraries(conclave_${name} PUBLIC ${arg_USES} PRIVATE conclave_flags ${arg_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY conclave_layers conclave_${name})
  set_property(GLOBAL APPEND PROPERTY conclave_libraries ${arg_LIBRARIES})
endfunction()

# conclave_schema(LAYER SCHEMA...)
# Generates C++ of the Cap'n Proto files schema/SCHEMA and compiles it into the layer, the only one that can include it,
# as "SCHEMA.h".
function(conclave_schema layer)
  set(folder ${PROJECT_SOURCE_DIR}/schema)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${generated})
  foreach(schema ${ARGN})
    add_custom_command(
      OUTPUT ${generated}/${schema}.c++ ${generated}/${schema}.h
      COMMAND Capnp::compiler compile --output=$<TARGET_FILE:Capnp::generator>:${generated} --src-prefix=${folder}
              --import-path=${CAPNP_INCLUDE_DIR} ${folder}/${schema}
      DEPENDS ${folder}/${schema}
      COMMENT "Generating C++ of ${schema}")
    target_sources(conclave_${layer} PRIVATE ${generated}/${schema}.c++ ${generated}/${schema}.h)
    set_source_files_properties(${generated}/${schema}.c++ PROPERTIES COMPILE_OPTIONS -w)
  endforeach()
  target_include_directories(conclave_${layer} SYSTEM PRIVATE ${generated})
  target_link_libraries(conclave_${layer} PRIVATE Capnp::capnp)
  set_property(GLOBAL APPEND PROPERTY conclave_libraries Capnp::capnp)
endfunction()

# conclave_test_program(TARGET SOURCE...)
# A doctest program. Its `main` is compiled once for all of them: it takes longer than most tests.
function(conclave_test_program target)
  if(NOT TARGET doctest_main)
    add_library(doctest_main OBJECT ${PROJECT_SOURCE_DIR}/tests/unit/main.cpp)
    target_link_libraries(doctest_main PRIVATE conclave_flags)
    target_compile_options(doctest_main PRIVATE -O0)
  endif()
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} PRIVATE doctest_main conclave_flags)
  # What is tested is optimized as ever; of the tests themselves most time goes into compiling them.
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
endfunction()

# conclave_unit_test(FOLDER [THREADS] [USES layer...])
# The folder tests/unit/FOLDER as one doctest program `unit_FOLDER`, run by CTest. THREADS: it starts some.
function(conclave_unit_test folder)
  cmake_parse_arguments(arg "THREADS" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  conclave_test_program(unit_${folder} ${sources})
  list(TRANSFORM arg_USES PREPEND conclave_)
  target_link_libraries(unit_${folder} PRIVATE ${arg_USES})
  add_test(NAME unit.${folder} COMMAND unit_${folder})
  set_property(TEST unit.${folder} PROPERTY LABELS unit)
  conclave_sanitized(unit.${folder} unit_${folder})
  if(arg_THREADS)
    conclave_threaded(unit.${folder} unit_${folder})
  endif()
endfunction()

# conclave_contract_test(PORT [USES layer...] [LIBRARIES target...])
# The folder tests/contract/PORT as one doctest program `contract_PORT`: one suite over every implementation of the port.
function(conclave_contract_test port)
  cmake_parse_arguments(arg "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${port}/*.cpp)
  conclave_test_program(contract_${port} ${sources})
  list(TRANSFORM arg_USES PREPEND conclave_)
  target_link_libraries(contract_${port} PRIVATE ${arg_USES} ${arg_LIBRARIES})
  add_test(NAME contract.${port} COMMAND contract_${port})
  set_property(TEST contract.${port} PROPERTY LABELS contract)
  conclave_sanitized(contract.${port} contract_${port})
  conclave_threaded(contract.${port} contract_${port})
endfunction()

# conclave_sanitized(TEST TARGET)
# Puts TEST, a run of the program TARGET, into the bounded share that tests/run.sh repeats under AddressSanitizer and
# UndefinedBehaviorSanitizer: the label `sanitize` selects its tests, the target `sanitized` builds its programs.
function(conclave_sanitized test target)
  conclave_share(sanitize sanitized ${test} ${target})
endfunction()

# conclave_threaded(TEST TARGET)
# The same for ThreadSanitizer, which has nothing to find in a program of one thread: the label `threads` and the target
# `threaded`. Every unit and contract program that can start a thread belongs to it: the test purity.threads looks.
function(conclave_threaded test target)
  conclave_share(threads threaded ${test} ${target})
endfunction()

function(conclave_share label all test target)
  if(NOT TARGET ${all})
    add_custom_target(${all})
  endif()
  add_dependencies(${all} ${target})
  set_property(TEST ${test} APPEND PROPERTY LABELS ${label})
  set_property(GLOBAL APPEND PROPERTY conclave_${all}_programs ${target})
endfunction()
