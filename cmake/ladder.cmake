# The folders of src/ as object libraries, row by row of the ladder (docs/developing.md): an include may only point to the same
# row or to one above. The test `ladder` reads the rows from this file and checks every include.
set(JETPINN_LADDER
  "base"
  "kernels fault"
  "comm"
  "runtime"
  "io profile chart"
  "expr"
  "geometry plan"
  "sampling twin vision"
  "network problem layer"
  "engine"
  "libtorch"
  "optim balance infer gate"
  "train"
  "audit classify"
  "config"
  "compress"
  "study report ablate"
  "bench scale"
  "app")
# The folder whose sources see LibTorch's headers is no part of the program: it is a module that the program loads when
# something asks for it (include/jetpinn/runtime/libtorch.hpp). The module is made for programs with all rows down to the
# engine, from which it takes functions.
set(JETPINN_MODULE_FOLDER libtorch)
set(JETPINN_FIRST_FOLDER_WITH_MODULE engine)
# Folders that read and write text and pictures and compute nothing of a training run: -O1 compiles them in half the time. Their
# objects come last in every link, so that no copy of an inline function that they share with the engine takes the place of its own.
set(JETPINN_TEXT_FOLDERS fault chart audit config study report scale app)
# Folders whose sources are compiled several at a time (JETPINN_JOIN): what costs there are the headers. Names in unnamed
# namespaces have to differ within such a folder.
set(JETPINN_JOINED_FOLDERS fault comm runtime io profile chart expr sampling twin vision network problem libtorch infer gate
  train audit classify config compress study report ablate bench scale app)
# Sources of these folders that compute numbers which a loss, a checkpoint or a study holds. Each is compiled alone, so that the
# compiler's choices, and with them the last bits, do not depend on a source's neighbours. Of libtorch there is none: its numbers
# are its library's, but for the sum of a loss over chunks, and its headers are the dearest to read.
set(JETPINN_APART
  ablate/ablate_study ablate/ablation ablate/alignment ablate/column_block ablate/features ablate/flattened ablate/fourier
  ablate/image ablate/layer_spectra ablate/low_rank_svd ablate/moments ablate/norms ablate/small_svd ablate/stable_rank
  ablate/weight_generator ablate/weight_source
  classify/epoch_totals classify/image_engine classify/image_gate classify/validation
  compress/adapt compress/edge_file compress/magnitude_pruning compress/rounding_share compress/row_network
  compress/unit_groups compress/unit_scores compress/width_plan
  expr/evaluate expr/simplify expr/trained_number
  gate/rate_controller gate/selection gate/significance
  infer/evaluate infer/grid infer/predict infer/vtk_layout
  network/initial_values network/network
  problem/shape_text
  runtime/bf16_kernels runtime/bf16_vnni runtime/product runtime/symmetric_solve
  sampling/adaptive_choice sampling/deal_blocks sampling/gauss_legendre sampling/grid sampling/integral_points
  sampling/quadrature_points sampling/residual_cells sampling/sampler sampling/sobol sampling/stored_normals
  sampling/streamed_points
  train/adaptive_points train/assembly train/distributed_linearization train/evaluations train/gate_plan train/gate_scores
  train/gated_points train/held_out_fit train/last_step train/measured_shares train/modelled_energy train/monitors
  train/monomials train/not_finite train/not_finite_scan train/objective train/physics train/point_scores train/profiling
  train/rank_shares train/rank_sum train/recompute train/scales train/squared_means train/term_measures train/term_points
  train/tile_triangle train/trained_values
  twin/machining_model twin/machining_rows
  vision/augment vision/image_model)
# Folders with templates of a space, which are made for cards too in builds with CUDA. The others know of it nothing.
set(JETPINN_DEVICE_FOLDERS kernels runtime layer engine optim)
# Folders of the library jetpinn_kernels: C++17 with Kokkos up to 4; nvcc reads some of their headers.
set(JETPINN_KERNEL_FOLDERS base kernels)

if(KokkosCore_VERSION VERSION_GREATER_EQUAL 5)
  set(JETPINN_KERNEL_STANDARD 20)
else()
  set(JETPINN_KERNEL_STANDARD 17)
endif()

# Sources of kernels, one for each activation of activation_kind.hpp, so that they compile side by side.
function(jetpinn_make_activation_units result)
  set(kinds "${CMAKE_SOURCE_DIR}/include/jetpinn/kernels/activation_kind.hpp")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${kinds}")
  file(STRINGS "${kinds}" line REGEX "^enum class Activation {")
  string(REGEX REPLACE ".*{(.*)}.*" "\\1" names "${line}")
  string(REGEX MATCHALL "[a-z0-9_]+" names "${names}")
  foreach(activation IN LISTS names)
    set(unit "${CMAKE_BINARY_DIR}/kernels/activation_jet_${activation}.cpp")
    configure_file("${CMAKE_SOURCE_DIR}/src/kernels/activation_jet_unit.cpp.in" "${unit}" @ONLY)
    list(APPEND units "${unit}")
  endforeach()
  set(${result} "${units}" PARENT_SCOPE)
endfunction()

# One folder's sources as the object library jetpinn_<folder>; nothing for a folder without sources.
function(jetpinn_add_folder folder)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${folder}/*.cpp")
  if(NOT JETPINN_CUDA)
    list(FILTER sources EXCLUDE REGEX "/(cuda_check|cuda_device|cuda_graph|cuda_product)[.]cpp$")
  endif()
  list(REMOVE_ITEM sources "${CMAKE_SOURCE_DIR}/src/app/main.cpp")
  if(folder STREQUAL "kernels")
    jetpinn_make_activation_units(units)
    list(APPEND sources ${units})
  endif()
  if(NOT sources)
    return()
  endif()
  add_library(jetpinn_${folder} OBJECT ${sources})
  target_include_directories(jetpinn_${folder} PUBLIC "${CMAKE_SOURCE_DIR}/include")
  target_link_libraries(jetpinn_${folder} PUBLIC jetpinn_dependencies)
  set(standard 20)
  if(folder IN_LIST JETPINN_KERNEL_FOLDERS)
    set(standard ${JETPINN_KERNEL_STANDARD})
  endif()
  set_target_properties(jetpinn_${folder} PROPERTIES CXX_STANDARD ${standard} CXX_STANDARD_REQUIRED ON)
  if(folder STREQUAL JETPINN_MODULE_FOLDER)
    target_link_libraries(jetpinn_${folder} PUBLIC LibTorch::torch)
    set_target_properties(jetpinn_${folder} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  elseif(folder IN_LIST JETPINN_KERNEL_FOLDERS)
    jetpinn_precompile(jetpinn_${folder} kernels)
  elseif(folder IN_LIST JETPINN_TEXT_FOLDERS)
    jetpinn_precompile(jetpinn_${folder} text)
  else()
    jetpinn_precompile(jetpinn_${folder} program)
  endif()
  if(JETPINN_JOIN AND folder IN_LIST JETPINN_JOINED_FOLDERS)
    set_target_properties(jetpinn_${folder} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
    target_compile_options(jetpinn_${folder} PRIVATE ${JETPINN_JOINED_OPTIONS})
    foreach(source IN LISTS JETPINN_APART)
      if(NOT EXISTS "${CMAKE_SOURCE_DIR}/src/${source}.cpp")
        message(FATAL_ERROR "JETPINN_APART of cmake/ladder.cmake names src/${source}.cpp, which is not there")
      endif()
      set_source_files_properties("${CMAKE_SOURCE_DIR}/src/${source}.cpp" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endforeach()
  endif()
  if(folder STREQUAL "runtime")
    # Of one source alone, which asks the processor before it is used (runtime/bf16_vnni.hpp).
    set(vnni -mavx512f -mavx512bw -mavx512vl -mavx512vnni)
    check_cxx_compiler_flag("-mavx512f -mavx512bw -mavx512vl -mavx512vnni" JETPINN_HAS_VNNI)
    if(JETPINN_HAS_VNNI)
      set_source_files_properties("${CMAKE_SOURCE_DIR}/src/runtime/bf16_vnni.cpp" PROPERTIES
        COMPILE_OPTIONS "${vnni}" SKIP_PRECOMPILE_HEADERS ON)
    endif()
    set_source_files_properties("${CMAKE_SOURCE_DIR}/src/runtime/versions.cpp" PROPERTIES
      COMPILE_DEFINITIONS "JETPINN_LIBTORCH_VERSION=\"${LibTorch_VERSION}\"")
  endif()
  if(folder IN_LIST JETPINN_TEXT_FOLDERS)
    target_compile_options(jetpinn_${folder} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(Cairo_FOUND AND folder STREQUAL "chart")
    set_source_files_properties("${CMAKE_SOURCE_DIR}/src/chart/cairo_canvas.cpp" PROPERTIES
      COMPILE_DEFINITIONS JETPINN_CAIRO INCLUDE_DIRECTORIES "${Cairo_INCLUDE_DIRS}")
  endif()
  if(folder STREQUAL "study")   # the table that the shell scripts read too
    set_source_files_properties("${CMAKE_SOURCE_DIR}/src/study/launch_verdict.cpp" PROPERTIES
      COMPILE_DEFINITIONS "JETPINN_VERDICT_TABLE=\"${CMAKE_SOURCE_DIR}/jobs/verdict.table\"")
  endif()
  if(JETPINN_CUDA AND folder IN_LIST JETPINN_DEVICE_FOLDERS)
    target_compile_definitions(jetpinn_${folder} PRIVATE JETPINN_CUDA)
  endif()
endfunction()

# The module, beside the program. It keeps the path of LibTorch when it moves to its prefix; that is named, for CMake leaves out
# what lies in the source tree, and .venv does.
function(jetpinn_add_module)
  add_library(jetpinn_module MODULE $<TARGET_OBJECTS:jetpinn_${JETPINN_MODULE_FOLDER}>)
  target_link_libraries(jetpinn_module PRIVATE jetpinn_options LibTorch::torch)
  set_target_properties(jetpinn_module PROPERTIES
    OUTPUT_NAME jetpinn_libtorch
    LINKER_LANGUAGE CXX
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}"
    INSTALL_RPATH "${LibTorch_LIBRARY_DIR}"
    INSTALL_RPATH_USE_LINK_PATH ON)
endfunction()

# A program that may load the module: it finds the module in the build tree, and shows it the project's own functions, of which
# there must not be a second copy: they keep state. It shows nothing else. A BLAS among its libraries, such as libxsmm's, would
# take the place of LibTorch's.
function(jetpinn_let_load_module target)
  add_dependencies(${target} jetpinn_module)
  set(shown "${CMAKE_SOURCE_DIR}/cmake/shown_to_module.list")
  target_link_options(${target} PRIVATE "LINKER:--dynamic-list=${shown}")
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${shown}")
  set_property(TARGET ${target} APPEND PROPERTY BUILD_RPATH "${CMAKE_BINARY_DIR}" ${CUDAToolkit_LIBRARY_DIR})
endfunction()

# The two libraries and the module. Tests take the object libraries instead (jetpinn_link_up_to), so that a folder's tests build
# without the rows below it.
function(jetpinn_add_ladder)
  foreach(row IN LISTS JETPINN_LADDER)
    string(REPLACE " " ";" folders "${row}")
    foreach(folder IN LISTS folders)
      jetpinn_add_folder(${folder})
      if(NOT TARGET jetpinn_${folder})
        continue()
      elseif(folder STREQUAL JETPINN_MODULE_FOLDER)
        jetpinn_add_module()
      elseif(folder IN_LIST JETPINN_KERNEL_FOLDERS)
        list(APPEND kernel_objects $<TARGET_OBJECTS:jetpinn_${folder}>)
      elseif(folder IN_LIST JETPINN_TEXT_FOLDERS)
        list(APPEND text_objects $<TARGET_OBJECTS:jetpinn_${folder}>)
      else()
        list(APPEND core_objects $<TARGET_OBJECTS:jetpinn_${folder}>)
      endif()
    endforeach()
  endforeach()
  if(JETPINN_CUDA)
    list(APPEND kernel_objects $<TARGET_OBJECTS:jetpinn_cuda>)
  endif()
  if(kernel_objects)
    add_library(jetpinn_kernels_library STATIC ${kernel_objects})
    set_target_properties(jetpinn_kernels_library PROPERTIES OUTPUT_NAME jetpinn_kernels LINKER_LANGUAGE CXX)
  endif()
  if(core_objects)
    add_library(jetpinn_core STATIC ${core_objects} ${text_objects})
    set_target_properties(jetpinn_core PROPERTIES LINKER_LANGUAGE CXX)
  endif()
  file(GLOB main CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/app/main.cpp")
  if(NOT main)
    file(WRITE "${CMAKE_BINARY_DIR}/main.cpp" "int main() { return 2; }\n")
    set(main "${CMAKE_BINARY_DIR}/main.cpp")
  endif()
  set(JETPINN_MAIN "${main}" PARENT_SCOPE)
endfunction()

# Links a program with everything: with all of it, for the module may ask for what the program itself does not call.
function(jetpinn_link target)
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/include")
  target_link_libraries(${target} PRIVATE
    -Wl,--whole-archive jetpinn_core jetpinn_kernels_library -Wl,--no-whole-archive jetpinn_dependencies)
  jetpinn_let_load_module(${target})
  set_target_properties(${target} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
endfunction()

# Links a program with the folders of the ladder down to and including the row of `folder`. The module's folder is linked into
# its own tests alone.
function(jetpinn_link_up_to target folder)
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/include")
  foreach(row IN LISTS JETPINN_LADDER)
    string(REPLACE " " ";" folders "${row}")
    foreach(upper IN LISTS folders)
      if(upper STREQUAL JETPINN_MODULE_FOLDER AND NOT folder STREQUAL JETPINN_MODULE_FOLDER)
        continue()
      elseif(TARGET jetpinn_${upper} AND upper IN_LIST JETPINN_TEXT_FOLDERS)
        list(APPEND text_objects $<TARGET_OBJECTS:jetpinn_${upper}>)
      elseif(TARGET jetpinn_${upper})
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:jetpinn_${upper}>)
      endif()
      if(JETPINN_CUDA AND upper STREQUAL "kernels" AND NOT JETPINN_STUB_CARD)
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:jetpinn_cuda>)
      endif()
      if(upper STREQUAL JETPINN_FIRST_FOLDER_WITH_MODULE)
        jetpinn_let_load_module(${target})
      endif()
    endforeach()
    if(folder IN_LIST folders)
      break()
    endif()
  endforeach()
  target_sources(${target} PRIVATE ${text_objects})
  target_link_libraries(${target} PRIVATE jetpinn_dependencies)
  if(folder STREQUAL JETPINN_MODULE_FOLDER)
    target_link_libraries(${target} PRIVATE LibTorch::torch)
  endif()
  set_target_properties(${target} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
endfunction()
