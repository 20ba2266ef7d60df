#include "jetpinn/scale/scale_options.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

namespace jetpinn {
namespace {

constexpr double largest_count = 1e15;

[[noreturn]] void fail(const std::string& message) { throw Error(Status::usage, message); }

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

// A number with an optional k or M behind it; NaN where it is none.
double count_of(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789.eE+kM") != std::string::npos) return std::nan("");
  char* end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return std::nan("");
  if (*end == 'k') value *= 1e3, ++end;
  else if (*end == 'M') value *= 1e6, ++end;
  return *end ? std::nan("") : value;
}

bool is_count(double value) { return value >= 1 && value <= largest_count && value == std::floor(value); }

void check_ranks(const ScaleOptions& options, int cores, int allocated_tasks) {
  const int most = *std::max_element(options.ranks.begin(), options.ranks.end());
  if (options.slurm || options.oversubscribe) return;
  if (allocated_tasks > 0 && most > allocated_tasks)
    fail(
        fmt::format("--ranks asks for {} ranks, and this Slurm allocation has {}; allocate more, or let --slurm "
                    "submit jobs of the right size",
                    most, plural(allocated_tasks, "task")));
  if (allocated_tasks == 0 && most > cores)
    fail(
        fmt::format("--ranks asks for {} ranks, and this machine lends {}; ask for fewer, submit jobs with --slurm, "
                    "or add --oversubscribe (times of ranks that share a core say nothing about scaling)",
                    most, plural(cores, "core")));
}

void check_points(const ScaleOptions& options, std::size_t terms) {
  const int most = *std::max_element(options.ranks.begin(), options.ranks.end());
  for (const std::int64_t points : options.points) {
    const std::int64_t total = options.kind == ScaleKind::weak ? points * options.ranks.front() : points;
    if (options.kind != ScaleKind::weak && points < most)
      fail(fmt::format(
          "--points {} is fewer than the {} ranks of --ranks: some rank would have none; ask for more points or fewer ranks",
          points, most));
    if (total < static_cast<std::int64_t>(terms))
      fail(fmt::format("--points {} is fewer than the {} of the problem; every term needs a point", points,
                       plural(terms, "term")));
  }
}

}  // namespace

const char* to_string(ScaleKind kind) {
  return kind == ScaleKind::strong ? "strong" : kind == ScaleKind::weak ? "weak" : "memory";
}

ScaleKind scale_kind(const std::string& name) {
  for (const ScaleKind kind : {ScaleKind::strong, ScaleKind::weak, ScaleKind::memory})
    if (name == to_string(kind)) return kind;
  fail("unknown scaling study '" + name + "'; there is strong, weak and memory");
}

std::int64_t parse_count(const std::string& what, const std::string& text) {
  const double value = count_of(trimmed(text));
  if (!is_count(value)) fail(what + " wants a whole number of at least 1, as in 1000, 10k or 1e5; not '" + text + "'");
  return static_cast<std::int64_t>(value);
}

std::vector<std::int64_t> parse_counts(const std::string& what, const std::string& text) {
  std::vector<std::int64_t> counts;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    part = trimmed(part);
    const double value = count_of(part);
    if (!is_count(value))
      fail(fmt::format("{} wants whole numbers of at least 1, separated by commas, as in 1,2,4 or 10k,1e5; not '{}'", what,
                       part));
    counts.push_back(static_cast<std::int64_t>(value));
  }
  if (counts.empty())
    fail(what + " wants whole numbers of at least 1, separated by commas, as in 1,2,4 or 10k,1e5; there is none");
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return counts;
}

double parse_until(const std::string& text) {
  const std::string prefix = "error=";
  char* end = nullptr;
  const double error = text.rfind(prefix, 0) == 0 ? std::strtod(text.c_str() + prefix.size(), &end) : 0;
  if (!end || *end || !(error > 0) || !std::isfinite(error))
    fail("--until wants error=NUMBER above 0, as in error=1e-3; not '" + text + "'");
  return error;
}

void check_options(const ScaleOptions& options, int cores, int allocated_tasks, std::size_t terms) {
  if (options.ranks.empty()) fail("a scaling study needs --ranks, as in --ranks 1,2,4");
  if (options.ranks.back() > 1000000) fail(fmt::format("--ranks {} is more than a million", options.ranks.back()));
  if (options.steps < 1) fail(fmt::format("--steps must be at least 1, not {}", options.steps));
  if (options.repeats < 1 || options.repeats > 1000)
    fail(fmt::format("--repeats must be between 1 and 1000, not {}", options.repeats));
  if (options.gpus_per_node < 0 || options.ranks_per_gpu < 1)
    fail("--gpus-per-node must not be negative, and --ranks-per-gpu at least 1");
  if (options.gpus_per_node > 0 && !options.slurm) fail("--gpus-per-node shapes Slurm jobs; add --slurm");
  if (!options.slurm && !options.sbatch.empty()) fail("--sbatch passes options to Slurm; add --slurm");
  check_ranks(options, cores, allocated_tasks);
  check_points(options, terms);
}

}  // namespace jetpinn
