# Kernels for NVIDIA cards (JETPINN_CUDA). nvcc compiles one source of kernels; everything else is compiled as ever, and the
# CUDA runtime is linked statically, so that the program starts on machines without driver and toolkit. cuBLASLt is loaded
# when a card is used. Kokkos has no part in it: the program's one is for hosts.
set(CMAKE_CUDA_ARCHITECTURES 80 90 CACHE STRING "Compute capabilities that kernels are compiled for")
find_program(JETPINN_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
mark_as_advanced(JETPINN_NVCC)
if(NOT CMAKE_CUDA_COMPILER)
  if(NOT JETPINN_NVCC)
    message(FATAL_ERROR "JETPINN_CUDA needs nvcc of CUDA 12 or 13, which was not found. Load CUDA's module (module load cuda), install it "
                        "(spack install cuda, or NVIDIA's packages), or name it with -DCMAKE_CUDA_COMPILER=.../bin/nvcc (docs/install.md)")
  endif()
  set(CMAKE_CUDA_COMPILER "${JETPINN_NVCC}" CACHE FILEPATH "nvcc")
endif()
if(NOT CMAKE_CUDA_HOST_COMPILER)
  set(CMAKE_CUDA_HOST_COMPILER "${CMAKE_CXX_COMPILER}" CACHE FILEPATH "nvcc's host compiler")
endif()
enable_language(CUDA)
find_package(CUDAToolkit 12 REQUIRED)

# Sources that builds without CUDA leave out. Those of them that g++ compiles see CUDA's headers, and no other source does.
set(JETPINN_CUDA_SOURCES kernels/cuda_check.cpp runtime/cuda_device.cpp runtime/cuda_graph.cpp runtime/cuda_product.cpp)
string(REGEX REPLACE "-(real|virtual)" "" cuda_architectures "${CMAKE_CUDA_ARCHITECTURES}")
string(REPLACE ";" "," cuda_architectures "${cuda_architectures}")
foreach(source IN LISTS JETPINN_CUDA_SOURCES ITEMS runtime/cuda_facts.cpp)
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/${source}" PROPERTIES
    COMPILE_OPTIONS "-idirafter;${CUDAToolkit_INCLUDE_DIRS}"
    COMPILE_DEFINITIONS "JETPINN_CUDA_ARCHITECTURES=\"${cuda_architectures}\"")
endforeach()

# GCC's pragmas for unrolling, which the host's loops over packs need, mean nothing to nvcc.
add_library(jetpinn_cuda OBJECT src/kernels/cuda_launch.cu)
target_include_directories(jetpinn_cuda PRIVATE "${CMAKE_SOURCE_DIR}/src/kernels/nvcc" "${CMAKE_SOURCE_DIR}/include")
target_compile_options(jetpinn_cuda PRIVATE -diag-suppress 1675)
set_target_properties(jetpinn_cuda PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON)

target_link_libraries(jetpinn_dependencies INTERFACE $<LINK_ONLY:CUDA::cudart_static>)
