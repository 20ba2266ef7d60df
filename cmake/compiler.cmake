# Flags that every target of the project shares: the INTERFACE library jetpinn_options.
include(CheckCXXCompilerFlag)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(jetpinn_options INTERFACE)
target_compile_options(jetpinn_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall>
  $<$<COMPILE_LANGUAGE:CXX>:-Wextra>
  # Packs are passed between inlined functions only: that such arguments travel differently with AVX or AVX-512 concerns nobody.
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-psabi>
  # Loops with transcendental functions vectorise only without errno and traps. Not -ffast-math: it assumes that no NaN or
  # infinity occurs, which would remove the checks for a diverged training.
  $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-trapping-math>
  $<$<COMPILE_LANGUAGE:CXX>:-fopenmp-simd>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Debug>>:-D_GLIBCXX_ASSERTIONS>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms of GCC 12 inside std::string (GCC bug 105651); the last two where its header is precompiled.
  target_compile_options(jetpinn_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
  if(JETPINN_JOIN)
    target_compile_options(jetpinn_options INTERFACE
      $<$<COMPILE_LANGUAGE:CXX>:-Wno-stringop-overflow> $<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds>)
  endif()
endif()

# For targets whose sources are compiled several at a time: GCC collects its own garbage there again and again, a tenth of the
# time. It may have half a gigabyte more before it does.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(JETPINN_JOINED_OPTIONS $<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=524288>)
endif()

if(JETPINN_NATIVE)
  check_cxx_compiler_flag(-march=native JETPINN_HAS_MARCH_NATIVE)
  # GCC takes 256-bit vectors by default even where 512-bit ones are faster; harmless on machines without AVX-512.
  check_cxx_compiler_flag(-mprefer-vector-width=512 JETPINN_HAS_VECTOR_WIDTH)
  if(JETPINN_HAS_MARCH_NATIVE)
    target_compile_options(jetpinn_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=native>)
  endif()
  if(JETPINN_HAS_VECTOR_WIDTH)
    target_compile_options(jetpinn_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-mprefer-vector-width=512>)
  endif()
endif()

if(JETPINN_SANITIZE)
  target_compile_options(jetpinn_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${JETPINN_SANITIZE}> $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>
    # Undefined behaviour ends the program: a message that nobody reads would pass as a test.
    $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>)
  target_compile_definitions(jetpinn_options INTERFACE JETPINN_FEW_JET_STRUCTURES)
  # The sanitizer's dlopen is called from its own library, for which the linker would not look into a program's RUNPATH; into its
  # RPATH it does.
  target_link_options(jetpinn_options INTERFACE -fsanitize=${JETPINN_SANITIZE} LINKER:--disable-new-dtags)
endif()
