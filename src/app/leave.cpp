#include "jetpinn/app/leave.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/utf8.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/fault/job_files.hpp"
#include "jetpinn/fault/watchdog.hpp"

#include <fmt/format.h>
#include <mpi.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace jetpinn {
namespace {

constexpr double patience_s = 5;  // ranks that fail together arrive within milliseconds; the rest hangs in a collective

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

struct World {
  int rank = 0, size = 1;
  bool up = false;
  World() {
    int initialized = 0, finalized = 0;
    MPI_Initialized(&initialized);
    MPI_Finalized(&finalized);
    up = initialized && !finalized;
    if (!up) return;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
  }
};

void print(const Outcome& outcome, const World& world) {
  // Who speaks about a lost rank speaks for all.
  const bool own = world.size > 1 && world.rank > 0 && outcome.status != static_cast<int>(Status::communication);
  const std::string rank = own ? "rank " + std::to_string(world.rank) + ": " : "";
  std::fflush(stdout);
  std::fprintf(stderr, "jetpinn: %s%s\n", rank.c_str(), printable(outcome.message).c_str());
  std::fflush(stderr);
}

// Every rank's {status, hash of its message}; false when some rank does not come in time. MPI_COMM_WORLD carries nothing
// else, so a rank that hangs in a collective of the communicator's own does not confuse this one.
bool gather_outcomes(const World& world, const std::int64_t (&mine)[2], std::vector<std::int64_t>& all) {
  CollectiveScope scope("leave");
  all.assign(2 * static_cast<std::size_t>(world.size), 0);
  MPI_Request request;
  if (MPI_Iallgather(mine, 2, MPI_INT64_T, all.data(), 2, MPI_INT64_T, MPI_COMM_WORLD, &request) != MPI_SUCCESS)
    return false;
  const double start = wall_seconds();
  for (int done = 0;;) {
    if (MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
    if (done) return true;
    if (loss_known()) return false;
    // A rank that ended well may wait for one that still writes its results; one that failed knows that the others may never
    // come.
    if (mine[0] != 0 && wall_seconds() - start > patience_s) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

[[noreturn]] void abort_job(Runtime* runtime, int status) {
  if (runtime) runtime->abandon();
  std::fflush(stdout);
  // Where MPI_Abort would not end the others it only takes its time.
  if (!ranks_outlive_each_other()) MPI_Abort(MPI_COMM_WORLD, status);
  ::_exit(status);
}

// This rank failed and the others do not come: it says so, and they follow it.
[[noreturn]] void leave_alone(const Outcome& outcome, const World& world, Runtime* runtime) {
  main_thread_leaves();
  if (!outcome.message.empty() && may_speak()) print(outcome, world);
  report_status(world.rank, outcome.status);
  announce_end(outcome.status);
  abort_job(runtime, outcome.status);
}

// A rank is lost. One of the others speaks for all; until it has, nobody ends: mpirun would kill it.
[[noreturn]] void leave_after_loss(const Outcome& outcome, const World& world, Runtime* runtime) {
  main_thread_leaves();
  const bool speaks = !outcome.message.empty() && may_speak();
  if (speaks) print(outcome, world);
  const int status = speaks ? outcome.status : announced_end_or(outcome.status, patience_s);
  report_status(world.rank, status);
  if (speaks) announce_end(status);
  abort_job(runtime, status);
}

// What this rank has to say when the others are lost while it waits for them to leave.
Outcome loss_while_leaving() {
  try {
    throw_loss("the other ranks did not come to the end of the run");
  } catch (...) {
    return describe_failure(std::current_exception());
  }
}

int leave_together(const Outcome& outcome, Runtime* runtime) {
  const World world;
  if (!world.up || world.size == 1) {
    if (!outcome.message.empty()) print(outcome, world);
    report_status(world.rank, outcome.status);
    return outcome.status;
  }
  constexpr int communication = static_cast<int>(Status::communication);
  if (outcome.status == communication) leave_after_loss(outcome, world, runtime);
  const std::int64_t hash =
      outcome.message.empty() ? 0 : static_cast<std::int64_t>(std::hash<std::string>{}(outcome.message) | 1);
  const std::int64_t mine[2] = {outcome.status, hash};
  std::vector<std::int64_t> all;
  if (!gather_outcomes(world, mine, all)) {
    if (outcome.status != 0 && outcome.status != static_cast<int>(Status::stopped)) leave_alone(outcome, world, runtime);
    leave_after_loss(loss_while_leaving(), world, runtime);
  }
  bool said = false;  // by a lower rank
  for (int r = 0; r < world.rank; ++r) said = said || all[2 * static_cast<std::size_t>(r) + 1] == hash;
  if (!outcome.message.empty() && !said) print(outcome, world);
  report_status(world.rank, outcome.status);
  return outcome.status;
}

}  // namespace

std::string printable(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    const char32_t code = character.code;
    const bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
    if (character.valid && !control) result += text.substr(i, character.length);
    else
      for (std::size_t k = 0; k < character.length; ++k)
        result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i + k]));
    i += character.length;
  }
  return result;
}

Outcome describe_failure(std::exception_ptr failure) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const FailedElsewhere& error) {
    return {static_cast<int>(error.status()), ""};
  } catch (const Error& error) {
    return {static_cast<int>(error.status()), error.what()};
  } catch (const std::bad_alloc&) {
    return {static_cast<int>(Status::usage), "out of memory; lower sampling.points or network.hidden, or use more ranks"};
  } catch (const std::exception& error) {  // LibTorch appends a stack trace to its messages
    return {static_cast<int>(Status::numerical), "unexpected failure: " + first_line(error.what())};
  } catch (...) {
    return {static_cast<int>(Status::numerical), "unexpected failure of an unknown kind"};
  }
}

int leave(const Outcome& outcome, Runtime* runtime) noexcept {
  try {
    return leave_together(outcome, runtime);
  } catch (...) {
    return outcome.status;
  }
}

}  // namespace jetpinn
