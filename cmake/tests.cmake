# Registration of tests. One CTest entry per program and rank count (two for the longest); status 77 with a first line
# "not run: reason" is a skip, which tests/run lists at its end.
set(JETPINN_TEST_ENVIRONMENT
  # Open MPI refuses to start as root, the usual user of a container, unless both are set.
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  # Containers without CAP_SYS_PTRACE make vader's single-copy transfer fail with a warning per message.
  OMPI_MCA_btl_vader_single_copy_mechanism=none
  # A rank that ends with a status other than 0 would have mpirun kill the others, for which it waits one to two seconds.
  OMPI_MCA_orte_abort_on_non_zero_status=0
  # A rank that waits gives its core away: others need it, for tests run side by side.
  OMPI_MCA_mpi_yield_when_idle=1
  # Measured peaks: kept, but not among the user's.
  JETPINN_CACHE=${CMAKE_BINARY_DIR}/tests/cache
  # Threads per rank: tests run side by side.
  OMP_NUM_THREADS=1
  PYTHONDONTWRITEBYTECODE=1
  # MPI and LibTorch keep memory until the end of the process: leaks are not what the sanitizer preset looks for.
  ASAN_OPTIONS=detect_leaks=0)

# The longest of one processor. Where no earlier run has left ctest its times, it begins with them, so that none of them is
# left alone at the end.
set(JETPINN_LONG_TESTS unit_engine_1 unit_engine_2 mpi_train_1 acceptance_sparsify acceptance_prune acceptance_windows
  acceptance_adapt acceptance_resume acceptance_memory acceptance_export acceptance_geometry acceptance_planned_memory
  acceptance_adaptive acceptance_means acceptance_stage_changes kernels_compile_for_sm_90 launcher)

# jetpinn_register_test(NAME PROCESSORS n [LABELS ...] [TIMEOUT s] COMMAND ...)
function(jetpinn_register_test name)
  cmake_parse_arguments(arg "" "PROCESSORS;TIMEOUT;WORKING_DIRECTORY" "LABELS;COMMAND;ENVIRONMENT" ${ARGN})
  if(NOT arg_PROCESSORS)
    set(arg_PROCESSORS 1)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 900)   # against hangs alone: others may work on the machine
  endif()
  if(NOT arg_WORKING_DIRECTORY)
    set(arg_WORKING_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  endif()
  set(environment ${JETPINN_TEST_ENVIRONMENT})
  foreach(setting IN LISTS arg_ENVIRONMENT)   # a test's own setting replaces the common one
    string(REGEX REPLACE "=.*" "" variable "${setting}")
    list(FILTER environment EXCLUDE REGEX "^${variable}=")
    list(APPEND environment "${setting}")
  endforeach()
  add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY "${arg_WORKING_DIRECTORY}")
  set_tests_properties(${name} PROPERTIES
    SKIP_RETURN_CODE 77
    PROCESSORS ${arg_PROCESSORS}
    TIMEOUT ${arg_TIMEOUT}
    LABELS "${arg_LABELS}"
    ENVIRONMENT "${environment};JETPINN_SOURCE_DIR=${CMAKE_SOURCE_DIR};JETPINN_PROGRAM=$<TARGET_FILE:jetpinn>")
  if(name IN_LIST JETPINN_LONG_TESTS)
    set_tests_properties(${name} PROPERTIES COST 100)
  endif()
endfunction()

# Folders whose test sources compute or time what the program does with its flags. Those of the others only ask objects of the
# program, so they are compiled with -O1 in half the time.
set(JETPINN_TESTS_WITH_FLAGS_OF_THE_PROGRAM kernels layer runtime bench)

# -O1, and GoogleTest's header precompiled, too: it costs more than most test sources (the test `ladder` looks for its line).
function(jetpinn_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  jetpinn_precompile(${target} tests <gtest/gtest.h>)
endfunction()

# A program of GoogleTest cases that links the ladder down to the row of `folder`. Its sources are compiled sixteen at a time
# (JETPINN_JOIN), for their headers cost most, so no two of them have a name in common.
function(jetpinn_add_test_program name folder)
  add_executable(${name} ${ARGN})
  jetpinn_link_up_to(${name} ${folder})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE jetpinn_test_support)
  string(REGEX REPLACE "^(unit|mpi)_" "" tested "${name}")
  if(NOT tested IN_LIST JETPINN_TESTS_WITH_FLAGS_OF_THE_PROGRAM)
    jetpinn_compile_quickly(${name})
  else()
    jetpinn_precompile(${name} program)
  endif()
  if(JETPINN_JOIN AND name MATCHES "^(unit|mpi)_")
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
    # A fixture in an unnamed namespace is no header's, though GCC takes an included source for one.
    target_compile_options(${name} PRIVATE -Wno-subobject-linkage ${JETPINN_JOINED_OPTIONS})
  endif()
endfunction()

# The longest: its cases are dealt to two processes, NAME_1 and NAME_2, for nothing else is left to run beside it.
set(JETPINN_TESTS_IN_TWO unit_engine)

# jetpinn_add_test(NAME FOLDER SOURCE...): run by one process, or by two.
function(jetpinn_add_test name folder)
  jetpinn_add_test_program(${name} ${folder} ${ARGN})
  if(NOT name IN_LIST JETPINN_TESTS_IN_TWO)
    jetpinn_register_test(${name} COMMAND ${name} --gtest_brief=1 LABELS unit)
    return()
  endif()
  foreach(part 1 2)
    math(EXPR index "${part} - 1")
    jetpinn_register_test(${name}_${part} COMMAND ${name} --gtest_brief=1 LABELS unit
      ENVIRONMENT GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=${index})
  endforeach()
endfunction()

# jetpinn_add_mpi_test(NAME FOLDER SOURCE...): run on 1, 2, 3 and 4 ranks, as NAME_1 to NAME_4.
function(jetpinn_add_mpi_test name folder)
  jetpinn_add_test_program(${name} ${folder} ${ARGN})
  foreach(ranks RANGE 1 4)
    jetpinn_register_test(${name}_${ranks} PROCESSORS ${ranks} LABELS mpi
      # More ranks than cores must neither be refused nor be bound onto the same core.
      COMMAND "${MPIEXEC_EXECUTABLE}" ${MPIEXEC_NUMPROC_FLAG} ${ranks} ${JETPINN_MPI_OVERSUBSCRIBE}
              $<TARGET_FILE:${name}> --gtest_brief=1)
  endforeach()
endfunction()
