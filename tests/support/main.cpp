// The main function of every test program: MPI and Kokkos start before the tests and end after them. Under mpirun each rank
// runs the same tests; rank 0 prints all of its results, the others only their failures.
#include <gtest/gtest.h>
#include <mpi.h>

#include <Kokkos_Core.hpp>
#include <cstdio>

namespace {

// Passes on nothing but failures, each with its rank.
class FailuresOnly : public testing::EmptyTestEventListener {
 public:
  explicit FailuresOnly(int rank) : rank_(rank) {}

  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::printf("rank %d: %s:%d: %s\n", rank_, result.file_name() ? result.file_name() : "?", result.line_number(),
                result.message());
    std::fflush(stdout);
  }

 private:
  int rank_;
};

}  // namespace

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);

  testing::InitGoogleTest(&argc, argv);
  if (rank != 0) {
    auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailuresOnly(rank));
  }
  Kokkos::initialize(argc, argv);
  int failed = RUN_ALL_TESTS();
  Kokkos::finalize();

  // A program none of whose tests could run is a skip to CTest (tests/support/not_run.hpp).
  const auto& results = *::testing::UnitTest::GetInstance();
  if (failed == 0 && results.successful_test_count() == 0 && results.skipped_test_count() > 0) failed = 77;

  // Every rank fails if one does, so that mpirun's status does not depend on which rank it looked at.
  MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Finalize();
  return failed;
}
