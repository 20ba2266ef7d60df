#include "jetpinn/sampling/sampling_options.hpp"

namespace jetpinn {

PointChoice choice_of(const SamplingOptions& sampling, std::size_t stage) {
  PointChoice choice = sampling;
  if (stage >= sampling.stages.size()) return choice;
  const StageSampling& own = sampling.stages[stage];
  choice.method = own.method.value_or(choice.method);
  choice.resample_every = own.resample_every.value_or(choice.resample_every);
  for (const auto& [term, count] : own.points) choice.points[term] = count;
  return choice;
}

std::string changes_text(const SamplingOptions& sampling, std::size_t stage) {
  std::string text;
  if (stage >= sampling.stages.size()) return text;
  const StageSampling& own = sampling.stages[stage];
  for (const auto& [term, count] : own.points)
    text += (text.empty() ? "points " : ", ") + term + " " + std::to_string(count);
  const auto add = [&](const std::string& change) { text += (text.empty() ? "" : ", ") + change; };
  if (own.method) add(std::string("method ") + to_string(*own.method));
  if (own.resample_every) add("resample_every " + std::to_string(*own.resample_every));
  return text;
}

}  // namespace jetpinn
