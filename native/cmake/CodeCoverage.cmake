# Stand-in for a module that the npm package leaves out. No coverage build is made here.
macro(create_coverage_target)
endmacro()
