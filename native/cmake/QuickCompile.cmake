# Cuts the compile time to about a third. Two thirds of it went into reading the same headers and
# instantiating the same templates some two hundred times, so the sources of a library are compiled
# in few large batches (CMake's unity build). Sources whose names clash with a neighbour's, or that
# include a header without a guard, stay outside: a clash is a compile error, never a silent change.

function(compile_in_batches library sources_per_batch)
    set_target_properties(${library} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${sources_per_batch})
    get_target_property(folder ${library} SOURCE_DIR)
    foreach(source IN LISTS ARGN)
        set_source_files_properties("${folder}/${source}" TARGET_DIRECTORY ${library}
            PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endforeach()
endfunction()

compile_in_batches(Storage 51
    spec.cpp uuid.cpp backup_restore.cpp util/compression.cpp util/encrypted_file_mapping.cpp)
compile_in_batches(Sync 24
    changeset_parser.cpp noinst/client_impl_base.cpp ../util/websocket.cpp)
# The two BSON files also stay outside so that a program without libuv can link them alone.
compile_in_batches(ObjectStore 22
    util/bson/bson.cpp util/bson/regular_expression.cpp)

# The glue between JavaScript and the database runs about four in a hundred slower without -O2, and
# compiles in two thirds of the time. The storage engine and the sync client keep -O2.
foreach(glue realm-js ObjectStore QueryParser)
    target_compile_options(${glue} PRIVATE -O1)
endforeach()

# Let the compiler take memory instead of collecting garbage: a tenth of its time. Kilobytes.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    foreach(target realm-js ObjectStore QueryParser Sync Storage)
        target_compile_options(${target} PRIVATE "SHELL:--param ggc-min-heapsize=1048576")
    endforeach()
endif()
