# libFuzzer programs, preset `fuzz` (clang): build/fuzz/fuzz_<target> of tests/fuzz/<target>.cpp, run by tests/fuzz/run.py. Only the
# folders that read text and files are compiled, with coverage and sanitizers.
set(JETPINN_FUZZ_FOLDERS base fault comm profile io expr geometry sampling vision network problem balance config)
# Of folders that bring more, the files that are needed.
set(JETPINN_FUZZ_FILES kernels/function_table.cpp kernels/sparse_pattern.cpp runtime/libtorch.cpp)

function(jetpinn_add_fuzz_targets)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libFuzzer belongs to clang: configure with cmake --preset fuzz")
  endif()
  set(sources ${JETPINN_FUZZ_FILES})
  list(TRANSFORM sources PREPEND "${CMAKE_SOURCE_DIR}/src/")
  foreach(folder IN LISTS JETPINN_FUZZ_FOLDERS)
    file(GLOB folder_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${folder}/*.cpp")
    list(APPEND sources ${folder_sources})
  endforeach()
  add_library(jetpinn_fuzzed STATIC ${sources} "${CMAKE_SOURCE_DIR}/tests/reference/tape.cpp")
  target_include_directories(jetpinn_fuzzed PUBLIC "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/tests")
  target_compile_options(jetpinn_fuzzed PUBLIC -fsanitize=fuzzer-no-link "-fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/tests/fuzz/ignored.txt")
  # Functions of the expression language are kernels; of Kokkos they need its macros. Their loops are not vectorized at -O1.
  target_compile_options(jetpinn_fuzzed PUBLIC -Wno-pass-failed)
  target_include_directories(jetpinn_fuzzed SYSTEM PUBLIC $<TARGET_PROPERTY:Kokkos::core,INTERFACE_INCLUDE_DIRECTORIES>)
  # toml++ is not linked: without its library the header brings the parser, compiled with coverage and sanitizers as well.
  target_link_libraries(jetpinn_fuzzed PUBLIC
    jetpinn_options Threads::Threads MPI::MPI_C HDF5::parallel fmt::fmt nlohmann_json::nlohmann_json
    Random123::Random123 XxHash::XxHash ZLIB::ZLIB)
  target_compile_definitions(jetpinn_fuzzed PUBLIC OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
  set_target_properties(jetpinn_fuzzed PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)

  file(GLOB targets CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*.cpp")
  foreach(source IN LISTS targets)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(fuzz_${name} "${source}")
    target_link_libraries(fuzz_${name} PRIVATE jetpinn_fuzzed)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(fuzz_${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  endforeach()
endfunction()
