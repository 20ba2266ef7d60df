#include "jetpinn/app/start_from.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/config/near_file.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <filesystem>
#include <string>
#include <system_error>

namespace jetpinn {
namespace {

[[noreturn]] void fail(const Config& config, const std::string& what) {
  throw Error(Status::usage, "training.start_from = \"" + config.training.start_from + "\": " + what);
}

std::string text_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return "[" + text + "]";
}

std::string text_of(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> names;
  for (const std::int64_t number : numbers) names.push_back(std::to_string(number));
  return text_of(names);
}

// What gives parameters their meaning: the layers, what goes into them and what comes out. Output transforms may be others.
std::vector<std::string> differences(const Config& there, const Config& here) {
  std::vector<std::string> list;
  const auto compare = [&](const char* key, const std::string& a, const std::string& b) {
    if (a != b) list.push_back(std::string(key) + " is " + a + " there and " + b + " here");
  };
  compare("problem.coordinates", text_of(there.problem.coordinates), text_of(here.problem.coordinates));
  compare("problem.fields", text_of(there.problem.fields), text_of(here.problem.fields));
  compare("network.kind", there.network.kind, here.network.kind);
  compare("network.hidden", text_of(there.network.hidden), text_of(here.network.hidden));
  compare("network.activation", to_string(there.network.activation), to_string(here.network.activation));
  compare("network.periodic", text_of(there.network.periodic), text_of(here.network.periodic));
  return list;
}

}  // namespace

std::vector<double> read_start(const Config& config, const Network& network) {
  const std::string folder = without_trailing_slash(config.training.start_from);
  if (folder.empty()) return {};
  const FoundRun run = find_run(folder);
  std::error_code trouble;
  if (!run.exists)
    fail(config, std::filesystem::exists(folder, trouble) ? "it is no run folder (no config.toml in it)"
                                                          : "there is no such run folder" + near_run(folder));
  if (!std::filesystem::exists(folder + "/network.h5", trouble))
    fail(config, "it holds no network.h5: that run has not come to its end" +
                     (run.status.empty() ? "" : " (" + run.status + ")") + "; let it go on first");
  Config there;
  try {
    there = parse_config(run.config, folder + "/config.toml", {});
  } catch (const Error&) {
    fail(config, "its config.toml cannot be read by this version");
  }
  std::string list;
  for (const std::string& difference : differences(there, config)) list += (list.empty() ? "" : "; ") + difference;
  if (!list.empty()) fail(config, "its network is another one: " + list);
  return load_parameters(folder + "/network.h5", network.parameters);
}

}  // namespace jetpinn
