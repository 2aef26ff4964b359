# Stand-in for a module that the npm package leaves out. It would add sanitizer and fuzzing builds;
# realm-core reads this one variable of it.
set(REALM_SANITIZER_FLAGS "")
