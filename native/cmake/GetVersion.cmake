# Stand-in for a module that the npm package leaves out: reads realm-core's dependencies.list
# (KEY=value lines) into DEP_<KEY>, and splits the version for version_numbers.hpp.
file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/dependencies.list" lines REGEX "^[A-Z_]+=")
foreach(line IN LISTS lines)
    string(REGEX MATCH "^([A-Z_]+)=(.*)$" whole "${line}")
    set(DEP_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
endforeach()

if(NOT DEP_VERSION MATCHES "^([0-9]+)\\.([0-9]+)\\.([0-9]+)(-(.+))?$")
    message(FATAL_ERROR "dependencies.list names no usable VERSION: '${DEP_VERSION}'")
endif()
set(CONFIG_VERSION "${DEP_VERSION}")
set(CONFIG_VERSION_MAJOR "${CMAKE_MATCH_1}")
set(CONFIG_VERSION_MINOR "${CMAKE_MATCH_2}")
set(CONFIG_VERSION_PATCH "${CMAKE_MATCH_3}")
set(CONFIG_VERSION_TWEAK "${CMAKE_MATCH_5}")
