# LibTorch::torch from a Python wheel or an unpacked libtorch archive: both are a folder with include/ and lib/.
# Looked for in JETPINN_TORCH_DIR, then in .venv of the source tree, then in the site-packages of the active Python.
# Torch's own CMake config is not used: it demands the CUDA toolkit of its build and switches CMAKE_CUDA_ARCHITECTURES off.
set(JETPINN_TORCH_DIR "" CACHE PATH "Folder of LibTorch: site-packages/torch, or an unpacked libtorch archive")

set(hints ${JETPINN_TORCH_DIR} ${LibTorch_ROOT} $ENV{LibTorch_ROOT})
if(NOT hints)
  file(GLOB hints "${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch")
  if(NOT hints)
    find_program(PYTHON3_PROGRAM python3)
    mark_as_advanced(PYTHON3_PROGRAM)
    execute_process(
      COMMAND "${PYTHON3_PROGRAM}" -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
      OUTPUT_VARIABLE hints OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()

find_path(LibTorch_INCLUDE_DIR ATen/core/Tensor.h HINTS ${hints} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)

# A wheel says its version in version.py, an archive in build-version.
foreach(file version.py build-version)
  get_filename_component(file "${LibTorch_INCLUDE_DIR}/../${file}" ABSOLUTE)
  if(EXISTS "${file}" AND NOT LibTorch_VERSION)
    file(STRINGS "${file}" version_line REGEX "^(__version__ = )?'?[0-9]+[.][0-9]" LIMIT_COUNT 1)
    string(REGEX MATCH "[0-9]+[.][0-9]+[.][0-9]+" LibTorch_VERSION "${version_line}")
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "name its folder with -DJETPINN_TORCH_DIR=.../site-packages/torch (docs/install.md)")

if(LibTorch_FOUND AND NOT TARGET LibTorch::torch)
  get_filename_component(LibTorch_LIBRARY_DIR "${LibTorch_CPU_LIBRARY}" DIRECTORY)
  add_library(LibTorch::torch INTERFACE IMPORTED)
  # Behind the system's folders: the wheel brings its own fmt, oneDNN and pybind11 headers, and spdlog must not see that fmt.
  target_compile_options(LibTorch::torch INTERFACE
    "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}" "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  target_link_libraries(LibTorch::torch INTERFACE "${LibTorch_CPU_LIBRARY}" "${LibTorch_C10_LIBRARY}")
endif()
