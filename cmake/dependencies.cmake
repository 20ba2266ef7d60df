# Everything the project links. A cluster's own installation is found first (CMAKE_PREFIX_PATH, <name>_ROOT); Debian's
# packages and the wheel in .venv are the fall-back. docs/install.md lists the variables.
find_package(PkgConfig QUIET)
find_package(Threads REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
find_package(ParallelHDF5 REQUIRED)
find_package(KokkosCore REQUIRED)
find_package(LibTorch REQUIRED)
find_package(Libxsmm REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(Random123 REQUIRED)
find_package(XxHash REQUIRED)
find_package(ZLIB REQUIRED)
# PNG files of a scaling study's charts; without it the study's page says so.
if(PkgConfig_FOUND)
  pkg_check_modules(Cairo cairo cairo-png)
endif()
if(JETPINN_TESTS)
  find_package(GTest REQUIRED)
endif()
if(JETPINN_PERF)
  find_package(benchmark QUIET)
endif()

# What every folder may include. LibTorch is not in it: one folder alone sees its headers (cmake/ladder.cmake).
add_library(jetpinn_dependencies INTERFACE)
target_link_libraries(jetpinn_dependencies INTERFACE
  jetpinn_options
  Threads::Threads MPI::MPI_C HDF5::parallel Kokkos::core Libxsmm::libxsmm
  spdlog::spdlog fmt::fmt nlohmann_json::nlohmann_json CLI11::CLI11 tomlplusplus::tomlplusplus
  Random123::Random123 XxHash::XxHash ZLIB::ZLIB)
if(Cairo_FOUND)
  target_link_libraries(jetpinn_dependencies INTERFACE ${Cairo_LINK_LIBRARIES})
endif()
# The C interface of MPI alone; its C++ bindings are gone from the standard and cost compile time.
target_compile_definitions(jetpinn_dependencies INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX SPDLOG_FMT_EXTERNAL)

# Ranges for Nsight: headers of the CUDA toolkit, or NVIDIA's NVTX by itself; they load what they need when a tool is attached.
find_path(Nvtx_INCLUDE_DIR nvtx3/nvToolsExt.h HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES include)
mark_as_advanced(Nvtx_INCLUDE_DIR)
if(Nvtx_INCLUDE_DIR)
  # For the one source that uses it: a whole toolkit's folder would offer its headers to every other.
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/runtime/region_tools.cpp" PROPERTIES COMPILE_OPTIONS "-idirafter;${Nvtx_INCLUDE_DIR}")
endif()
