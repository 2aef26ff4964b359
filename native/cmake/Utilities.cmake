# Stand-in for a module that the npm package leaves out. What it would define concerns Xcode and
# bundled tests; neither is built here, so the names exist and do nothing.
macro(set_target_xcode_attributes)
endmacro()
macro(set_target_resources)
endmacro()
macro(enable_stdfilesystem)
endmacro()
macro(add_bundled_test)
endmacro()
