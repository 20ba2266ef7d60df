# Headers of the standard library and of {fmt}, precompiled: a build is a tenth shorter. No compiler misses an include of theirs
# then, so the test `library_includes` looks for those. Nothing of the project is precompiled, and with -DJETPINN_JOIN=OFF
# GoogleTest alone is.
set(JETPINN_PRECOMPILED_HEADERS
  <algorithm> <array> <cmath> <cstddef> <cstdint> <cstdio> <cstring> <filesystem> <fstream> <functional> <iterator> <limits> <map>
  <memory> <numeric> <optional> <random> <set> <sstream> <string> <string_view> <system_error> <type_traits> <utility> <vector>
  <fmt/format.h>)

# jetpinn_precompile(TARGET KIND [HEADER...]): targets of one KIND have the same flags and further HEADERs, and share what is
# compiled for the first of them. ccache takes a precompiled header only when it may neglect macros of the time, and need not hash
# its 90 MB for each source when it may keep hashes by inode.
function(jetpinn_precompile target kind)
  set(headers ${ARGN})
  if(JETPINN_JOIN)
    list(PREPEND headers ${JETPINN_PRECOMPILED_HEADERS})
  elseif(NOT headers)
    return()
  endif()
  get_property(owner GLOBAL PROPERTY JETPINN_PRECOMPILED_${kind})
  if(owner)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  else()
    target_precompile_headers(${target} PRIVATE ${headers})
    set_property(GLOBAL PROPERTY JETPINN_PRECOMPILED_${kind} ${target})
  endif()
  if(CCACHE_PROGRAM AND CMAKE_CXX_COMPILER_LAUNCHER STREQUAL CCACHE_PROGRAM)
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;CCACHE_INODECACHE=1;${CCACHE_PROGRAM}")
  endif()
endfunction()
