#include "jetpinn/app/start_from.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/config/near_file.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/network/run_networks.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
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

std::string names_of(const std::map<std::string, std::array<SourceText, 2>>& ranges) {
  std::vector<std::string> names;
  for (const auto& [name, range] : ranges) names.push_back(name);
  return text_of(names);
}

// By which the network's outputs are multiplied.
std::string field_scales(const Config& config) {
  std::vector<std::string> list;
  for (const std::string& field : config.problem.fields)
    if (const auto scale = config.problem.scales.values.find(field); scale != config.problem.scales.values.end())
      list.push_back(field + " = " + scale->second.text);
  return text_of(list);
}

// What gives parameters their meaning: the layers, what goes into them and what comes out. Output transforms may be others.
std::vector<std::string> differences(const Config& there, const Config& here) {
  std::vector<std::string> list;
  const auto compare = [&](const std::string& key, const std::string& a, const std::string& b) {
    if (a != b) list.push_back(key + " is " + a + " there and " + b + " here");
  };
  compare("problem.coordinates", text_of(there.problem.coordinates), text_of(here.problem.coordinates));
  compare("problem.parameters", names_of(there.problem.parameters), names_of(here.problem.parameters));
  compare("problem.fields", text_of(there.problem.fields), text_of(here.problem.fields));
  compare("problem.scales", field_scales(there), field_scales(here));
  const std::vector<MemberOptions> networks_there = members_of(there.network, there.problem.fields),
                                   networks_here = members_of(here.network, here.problem.fields);
  compare("the number of networks", std::to_string(networks_there.size()), std::to_string(networks_here.size()));
  for (std::size_t n = 0; n < networks_here.size() && n < networks_there.size(); ++n) {
    const NetworkOptions &a = networks_there[n].network, &b = networks_here[n].network;
    const std::string key = here.network.members.empty() ? "network" : "networks." + std::to_string(n);
    compare(key + ".kind", a.kind, b.kind);
    compare(key + ".hidden", text_of(a.hidden), text_of(b.hidden));
    compare(key + ".activation", to_string(a.activation), to_string(b.activation));
    compare(key + ".periodic", text_of(a.periodic), text_of(b.periodic));
    if (networks_here.size() == networks_there.size())
      compare(key + ".fields", networks_there[n].name, networks_here[n].name);
  }
  return list;
}

std::vector<TrainedNumber> trained_of(const Config& config) {
  return read_trained(config.problem.trained, evaluate_constants(config.problem.constants), config.problem.scales);
}

// Numbers that are trained in both runs begin with the value that the other one left, the others with their own start.
std::vector<double> with_trained(const std::vector<double>& left, const Config& there, const Config& here,
                                 std::size_t layer_parameters) {
  std::vector<double> start(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(layer_parameters));
  const std::vector<TrainedNumber> before = trained_of(there);
  for (const TrainedNumber& number : trained_of(here)) {
    double value = number.start;
    std::optional<double> theta;  // of a number with the same bounds, where a value that was rounded may lie on one
    for (std::size_t k = 0; k < before.size(); ++k) {
      if (before[k].name != number.name) continue;
      value = before[k].value(left[layer_parameters + k]);
      if (before[k].lower == number.lower && before[k].upper == number.upper && before[k].scale == number.scale)
        theta = left[layer_parameters + k];
    }
    if (!theta && !number.contains(value))
      fail(here,
           fmt::format("it left problem.trainable.{} = {:.6g}, which lies outside of the bounds here", number.name, value));
    start.push_back(theta ? *theta : number.theta(value));
  }
  return start;
}

}  // namespace

std::vector<double> read_start(const Config& config, const Network& network) {
  std::string folder = without_trailing_slash(config.training.start_from);
  if (folder.empty()) return {};
  FoundRun run = find_run(folder);
  if (const std::string first = folder + "/windows/0"; run.exists && find_run(first).exists) {
    folder = first;  // what was trained in windows begins with the network of the first one
    run = find_run(first);
  }
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
  const std::int64_t layers = network.layer_parameters();
  const auto numbers = static_cast<std::int64_t>(there.problem.trained.size());
  const std::vector<double> left = load_parameters(folder + "/network.h5", layers + numbers);
  require_patterns(folder + "/network.h5", network);
  return with_trained(left, there, config, static_cast<std::size_t>(layers));
}

}  // namespace jetpinn
