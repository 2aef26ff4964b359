# Finds zlib as a static archive before realm-core looks for it (realm-core takes an existing
# ZLIB::ZLIB target as it is), and says how the finished module hides what it carries.

find_library(ZLIB_ARCHIVE NAMES libz.a REQUIRED)
find_path(ZLIB_HEADERS NAMES zlib.h REQUIRED)
add_library(ZLIB::ZLIB STATIC IMPORTED GLOBAL)
set_target_properties(ZLIB::ZLIB PROPERTIES
    IMPORTED_LOCATION "${ZLIB_ARCHIVE}"
    INTERFACE_INCLUDE_DIRECTORIES "${ZLIB_HEADERS}")

# The version script hides all but the entry points; -Bsymbolic keeps the module from
# binding to a namesake that the host process exports.
function(hide_dependencies_of module)
    target_link_options(${module} PRIVATE
        "LINKER:--version-script=${CMAKE_CURRENT_SOURCE_DIR}/exported-symbols.map"
        "LINKER:-Bsymbolic"
        "LINKER:--gc-sections"
        "LINKER:-z,noexecstack"
        "$<$<CONFIG:Release>:LINKER:--strip-debug>")
endfunction()
