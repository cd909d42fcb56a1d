# What users link and what is installed: the layers under one name, as a static and as a shared library.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(layers GLOBAL PROPERTY conclave_layers)
get_property(libraries GLOBAL PROPERTY conclave_libraries)
list(TRANSFORM layers REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
list(REMOVE_DUPLICATES libraries)
# Asio is headers only and private: it leaves nothing to link but the threads.
list(REMOVE_ITEM libraries Asio::Asio)

foreach(kind static shared)
  string(TOUPPER ${kind} KIND)
  add_library(conclave_${kind} ${KIND} ${objects})
  add_library(conclave::${kind} ALIAS conclave_${kind})
  set_target_properties(conclave_${kind} PROPERTIES OUTPUT_NAME conclave EXPORT_NAME ${kind} LINKER_LANGUAGE CXX)
  target_compile_features(conclave_${kind} INTERFACE cxx_std_20)
  target_include_directories(conclave_${kind} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(conclave_${kind} PRIVATE ${libraries} Threads::Threads)
endforeach()

# Only names of our own leave the shared library: hidden visibility alone would also show instances of standard templates.
set(exports ${CMAKE_CURRENT_LIST_DIR}/conclave.exports)
target_link_options(conclave_shared PRIVATE -Wl,--version-script=${exports})
if(NOT CONCLAVE_SANITIZE)
  target_link_options(conclave_shared PRIVATE -Wl,--no-undefined)
endif()
# Before 1.0 each minor version may change the ABI.
set_target_properties(conclave_shared PROPERTIES VERSION ${PROJECT_VERSION} LINK_DEPENDS ${exports}
                                                 SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# conclave::conclave follows BUILD_SHARED_LIBS; as part of another project only that one is built.
set(kind static)
set(other shared)
if(BUILD_SHARED_LIBS)
  set(kind shared)
  set(other static)
endif()
add_library(conclave::conclave ALIAS conclave_${kind})
if(NOT PROJECT_IS_TOP_LEVEL AND NOT CONCLAVE_INSTALL)
  set_target_properties(conclave_${other} PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

if(CONCLAVE_INSTALL)
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/conclave)
  foreach(kind static shared)
    install(TARGETS conclave_${kind} EXPORT conclave_${kind})
    install(EXPORT conclave_${kind} NAMESPACE conclave:: FILE conclave-${kind}.cmake DESTINATION ${package_dir})
  endforeach()
  configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/conclaveConfig.cmake.in conclaveConfig.cmake
                                INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(conclaveConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  # Relative to the file itself, so that the installed tree may move.
  file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/conclave.pc.in conclave.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/conclaveConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/conclaveConfigVersion.cmake
                ${CMAKE_CURRENT_LIST_DIR}/FindCapnp.cmake ${CMAKE_CURRENT_LIST_DIR}/FindIsaL.cmake
                ${CMAKE_CURRENT_LIST_DIR}/FindLmdb.cmake
          DESTINATION ${package_dir})
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/conclave.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/conclave DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/schema DESTINATION ${CMAKE_INSTALL_DATADIR}/conclave
          FILES_MATCHING PATTERN "*.capnp" PATTERN "*.md")
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
