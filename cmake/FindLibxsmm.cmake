# Libxsmm::libxsmm: small matrix products with kernels generated at run time. Debian's is static and needs its BLAS-free twin.
find_path(Libxsmm_INCLUDE_DIR libxsmm.h PATH_SUFFIXES libxsmm)
find_library(Libxsmm_LIBRARY xsmm)
find_library(Libxsmm_NOBLAS_LIBRARY xsmmnoblas)
mark_as_advanced(Libxsmm_INCLUDE_DIR Libxsmm_LIBRARY Libxsmm_NOBLAS_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libxsmm REQUIRED_VARS Libxsmm_LIBRARY Libxsmm_NOBLAS_LIBRARY Libxsmm_INCLUDE_DIR)

if(Libxsmm_FOUND AND NOT TARGET Libxsmm::libxsmm)
  find_package(Threads REQUIRED)
  add_library(Libxsmm::libxsmm INTERFACE IMPORTED)
  target_include_directories(Libxsmm::libxsmm SYSTEM INTERFACE "${Libxsmm_INCLUDE_DIR}")
  target_link_libraries(Libxsmm::libxsmm INTERFACE
    "${Libxsmm_LIBRARY}" "${Libxsmm_NOBLAS_LIBRARY}" Threads::Threads ${CMAKE_DL_LIBS})
  # Both archives define sgemm_ and dgemm_ as plain loops. Left visible in a program, they take the place of LibTorch's own: its
  # products would run a hundred times slower.
  if(NOT APPLE)
    target_link_options(Libxsmm::libxsmm INTERFACE "LINKER:--exclude-libs,libxsmm.a:libxsmmnoblas.a")
  endif()
endif()
