#include "jetpinn/app/kept_patterns.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/network/pattern_file.hpp"

#include <cstddef>
#include <filesystem>
#include <system_error>

namespace jetpinn {
namespace {

std::string kept_path(const std::string& folder, std::size_t member) {
  return folder + "/pattern_" + std::to_string(member) + ".h5";
}

// f(pattern, place of its copy) for each network that has one.
template <class Options, class F>
void for_patterns(Options& options, const std::string& folder, const F& f) {
  if (!options.pattern.empty()) f(options.pattern, kept_pattern(folder));
  for (std::size_t m = 0; m < options.members.size(); ++m)
    if (!options.members[m].pattern.empty()) f(options.members[m].pattern, kept_path(folder, m));
}

}  // namespace

std::string kept_pattern(const std::string& folder) { return folder + "/pattern.h5"; }

void take_kept_patterns(Communicator& communicator, NetworkOptions& options, const std::string& folder) {
  std::string kept;  // a digit for each pattern, as rank 0 sees the folder
  communicator.agree("pattern", [&] {
    const bool run = communicator.root() && find_run(folder).exists;
    for_patterns(options, folder, [&](const std::string&, const std::string& copy) {
      std::error_code trouble;
      kept += run && std::filesystem::exists(copy, trouble) ? '1' : '0';
    });
  });
  kept = communicator.broadcast("pattern", kept);
  std::size_t next = 0;
  for_patterns(options, folder, [&](std::string& pattern, const std::string& copy) {
    if (kept[next++] == '1') pattern = copy;
  });
}

void keep_patterns(const NetworkOptions& options, const std::string& folder) {
  for_patterns(options, folder, [&](const std::string& pattern, const std::string& copy) {
    std::error_code trouble;
    if (!std::filesystem::equivalent(pattern, copy, trouble)) write_patterns(copy, read_patterns(pattern));
  });
}

void require_kept_patterns(const LoadedCheckpoint& checkpoint, const Network& network, const std::string& folder) {
  const auto refuse = [&](const std::string& reason) {
    throw Error(Status::storage, checkpoint.folder + ": " + reason +
                                     "; copy the run's own pattern.h5 back, or begin anew with --force, which renames this "
                                     "run away");
  };
  const std::string file = folder + "/network.h5", written = checkpoint.facts.pattern_hash;
  if (!written.empty()) {
    if (written != pattern_hash(network)) refuse("it was written with another pattern of kept weights than there is now");
    return;
  }
  std::error_code trouble;
  if (!std::filesystem::exists(file, trouble)) return;
  try {
    require_patterns(file, network);
  } catch (const Error& error) {
    refuse("whether its pattern of kept weights is that which there is now cannot be known (" + std::string(error.what()) +
           ")");
  }
}

}  // namespace jetpinn
