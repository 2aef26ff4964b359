# Stand-in for a module that the npm package leaves out. There is no git history to describe:
# the version is always given as REALM_VERSION.
function(git_describe)
    message(FATAL_ERROR "REALM_VERSION must be given: the npm package has no git history")
endfunction()
