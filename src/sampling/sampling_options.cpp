#include "jetpinn/sampling/sampling_options.hpp"

namespace jetpinn {
namespace {

// "40 x 30", or a number.
std::string count_text(std::int64_t points, const NodeCounts& nodes, const std::string& term) {
  const auto found = nodes.find(term);
  if (found == nodes.end()) return std::to_string(points);
  std::string text;
  for (const std::int64_t count : found->second) text += (text.empty() ? "" : " x ") + std::to_string(count);
  return text;
}

}  // namespace

SamplingMethod PointChoice::method_of(const std::string& term) const {
  const auto own = methods.find(term);
  return own == methods.end() ? method : own->second;
}

PointChoice choice_of(const SamplingOptions& sampling, std::size_t stage) {
  PointChoice choice = sampling;
  if (stage >= sampling.stages.size()) return choice;
  const StageSampling& own = sampling.stages[stage];
  choice.method = own.method.value_or(choice.method);
  choice.resample_every = own.resample_every.value_or(choice.resample_every);
  for (const auto& [term, count] : own.points) {
    choice.points[term] = count;
    choice.nodes.erase(term);
  }
  for (const auto& [term, nodes] : own.nodes) choice.nodes[term] = nodes;
  for (const auto& [term, method] : own.methods) choice.methods[term] = method;
  return choice;
}

std::string changes_text(const SamplingOptions& sampling, std::size_t stage) {
  std::string text;
  if (stage >= sampling.stages.size()) return text;
  const StageSampling& own = sampling.stages[stage];
  for (const auto& [term, count] : own.points)
    text += (text.empty() ? "points " : ", ") + term + " " + count_text(count, own.nodes, term);
  const auto add = [&](const std::string& change) { text += (text.empty() ? "" : ", ") + change; };
  if (own.method) add(std::string("method ") + to_string(*own.method));
  for (const auto& [term, method] : own.methods) add("method of " + term + " " + to_string(method));
  if (own.resample_every) add("resample_every " + std::to_string(*own.resample_every));
  return text;
}

}  // namespace jetpinn
