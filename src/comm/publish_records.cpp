#include "jetpinn/comm/publish_records.hpp"

#include "jetpinn/fault/job_files.hpp"
#include "jetpinn/fault/watchdog.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <system_error>

namespace jetpinn {

void publish_rank_records(Communicator& communicator, const std::string& folder) {
  if (!watchdog_runs() || communicator.size() == 1) return;
  const char* chosen = std::getenv("JETPINN_STATUS_FILE");
  // A place that the other machines do not share is no place to meet.
  char stay = communicator.root() && chosen && *chosen && all_records_seen(communicator.size());
  communicator.broadcast("rank records", &stay, std::int64_t{1});
  if (stay) return;
  std::uint64_t job = 0;
  const std::string place = folder + "/.ranks";
  if (communicator.root()) {
    std::random_device random;
    job = (std::uint64_t{random()} << 32) | random();
    std::error_code ignored;
    std::filesystem::remove_all(place, ignored);
    std::filesystem::create_directories(place, ignored);
  }
  communicator.broadcast("rank records", &job, sizeof job);
  double failed = begin_record(JobFiles(place + "/", job)) ? 0 : 1;
  communicator.max("rank records", &failed, 1);   // all ranks move or none; behind it, every record is there
  settle_record(failed == 0);
}

}  // namespace jetpinn
