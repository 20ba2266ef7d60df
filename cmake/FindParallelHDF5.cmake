# HDF5::parallel, the C library built with MPI. With HDF5_ROOT set, CMake's own module looks there; otherwise pkg-config is
# asked for Debian's hdf5-openmpi, so that a serial HDF5 installed beside it is not taken by mistake.
if(NOT HDF5_ROOT AND NOT DEFINED ENV{HDF5_ROOT} AND PKG_CONFIG_FOUND)
  pkg_search_module(ParallelHDF5_PC QUIET IMPORTED_TARGET hdf5-openmpi hdf5-mpi hdf5-mpich)
endif()

if(ParallelHDF5_PC_FOUND)
  set(ParallelHDF5_VERSION "${ParallelHDF5_PC_VERSION}")
  set(ParallelHDF5_ORIGIN "${ParallelHDF5_PC_LINK_LIBRARIES}")
  set(target PkgConfig::ParallelHDF5_PC)
else()
  set(HDF5_PREFER_PARALLEL ON)
  find_package(HDF5 QUIET COMPONENTS C)
  if(HDF5_FOUND AND HDF5_IS_PARALLEL)
    set(ParallelHDF5_VERSION "${HDF5_VERSION}")
    set(ParallelHDF5_ORIGIN "${HDF5_C_LIBRARIES}")
    set(target HDF5::HDF5)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ParallelHDF5 REQUIRED_VARS ParallelHDF5_ORIGIN VERSION_VAR ParallelHDF5_VERSION
  REASON_FAILURE_MESSAGE "an HDF5 built with MPI is needed: name it with -DHDF5_ROOT=... (docs/install.md)")

if(ParallelHDF5_FOUND AND NOT TARGET HDF5::parallel)
  add_library(HDF5::parallel INTERFACE IMPORTED)
  target_link_libraries(HDF5::parallel INTERFACE ${target})
endif()
