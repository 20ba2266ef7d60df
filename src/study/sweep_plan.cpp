#include "jetpinn/study/sweep_plan.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::size_t longest_name = 120;

[[noreturn]] void fail(const std::string& message) { throw Error(Status::usage, message); }

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

// 1, 1.0 and 1e0 are one value.
std::string number_or_text(const std::string& value) {
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  return *end ? value : fmt::format("{}", number);
}

SweepAxis read_axis(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos)
    fail("--set " + assignment + ": a key and its values are wanted, as in training.seed=0,1,2");
  SweepAxis axis{trimmed(assignment.substr(0, equals)), split_values(assignment.substr(equals + 1))};
  std::set<std::string> seen;
  for (const std::string& value : axis.values) {
    if (value.empty())
      fail("--set " + assignment + ": a value is missing; values are divided by commas, as in training.seed=0,1,2");
    if (!seen.insert(number_or_text(value)).second) fail("--set " + assignment + ": the value " + value + " is given twice");
  }
  return axis;
}

// What a folder may be called: letters, digits, '.', '+' and '-'.
std::string plain(const std::string& value) {
  std::string text;
  for (const char c : value) {
    const bool good = std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '+' || c == '-';
    if (good) text += c;
    else if (!text.empty() && text.back() != '-') text += '-';
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text;
}

// The last part of each key, or the whole key where two axes end alike.
std::vector<std::string> short_names(const std::vector<SweepAxis>& axes) {
  std::map<std::string, int> count;
  const auto last = [](const std::string& key) { return key.substr(key.rfind('.') + 1); };
  for (const SweepAxis& axis : axes) ++count[last(axis.key)];
  std::vector<std::string> names;
  for (const SweepAxis& axis : axes) names.push_back(plain(count[last(axis.key)] == 1 ? last(axis.key) : axis.key));
  return names;
}

std::string run_name(const std::vector<SweepAxis>& axes, const std::vector<std::string>& names, const SweepRun& run,
                     std::set<std::string>& taken) {
  std::string name, exact;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    name += (a == 0 ? "" : "_") + names[a] + "-" + plain(run.values[a]);
    exact += axes[a].key + "=" + run.values[a] + "\n";
  }
  // Values that are written alike with these letters, and long ones, are told apart by their hash.
  if (name.size() > longest_name || taken.count(name))
    name = name.substr(0, longest_name) + "-" + hex(hash_of(exact)).substr(0, 8);
  taken.insert(name);
  return name;
}

}  // namespace

std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> values(1);
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '"' && c == '\\' && i + 1 < text.size()) {
      values.back() += c;
      values.back() += text[++i];
      continue;
    }
    if (quote) quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'') quote = c;
    else if (c == '[' || c == '(' || c == '{') ++depth;
    else if (c == ']' || c == ')' || c == '}') --depth;
    if (c == ',' && !quote && depth <= 0) values.emplace_back();
    else values.back() += c;
  }
  for (std::string& value : values) value = trimmed(value);
  return values;
}

bool is_seed(const SweepAxis& axis) { return axis.key == "training.seed"; }

SweepPlan plan_sweep(const std::vector<std::string>& sets) {
  SweepPlan plan;
  std::set<std::string> keys;
  double runs = 1;
  for (const std::string& assignment : sets) {
    SweepAxis axis = read_axis(assignment);
    if (!keys.insert(axis.key).second)
      fail("the key " + axis.key + " is given twice: one --set with all its values is wanted");
    runs *= static_cast<double>(axis.values.size());
    if (axis.values.size() == 1)
      plan.fixed.push_back(axis.key + "=" + axis.values[0]);
    else
      plan.axes.push_back(std::move(axis));
  }
  if (plan.axes.empty())
    fail(
        "a sweep needs a --set with several values, as in --set training.seed=0,1,2 or --set "
        "'network.hidden=[32,32],[64,64]'");
  if (runs > static_cast<double>(most_sweep_runs))
    fail(fmt::format("these values make {:.0f} runs; a sweep takes at most {}: give fewer, or divide it", runs,
                     most_sweep_runs));
  return plan;
}

std::vector<SweepRun> sweep_runs(const std::vector<SweepAxis>& axes) {
  std::vector<std::size_t> order;   // the slowest first
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (!is_seed(axes[a])) order.push_back(a);
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (is_seed(axes[a])) order.push_back(a);
  std::size_t count = 1, seeds = 1;
  for (const SweepAxis& axis : axes) count *= axis.values.size(), seeds *= is_seed(axis) ? axis.values.size() : 1;

  const std::vector<std::string> names = short_names(axes);
  std::set<std::string> taken;
  std::vector<SweepRun> runs;
  for (std::size_t number = 0; number < count; ++number) {
    SweepRun run;
    run.values.resize(axes.size());
    run.setting = number / seeds;
    std::size_t rest = number;
    for (auto a = order.rbegin(); a != order.rend(); ++a) {
      const std::vector<std::string>& values = axes[*a].values;
      run.values[*a] = values[rest % values.size()];
      rest /= values.size();
    }
    run.name = run_name(axes, names, run, taken);
    runs.push_back(std::move(run));
  }
  return runs;
}

std::vector<std::string> assignments(const std::vector<SweepAxis>& axes, const SweepRun& run) {
  std::vector<std::string> list;
  for (std::size_t a = 0; a < axes.size(); ++a) list.push_back(axes[a].key + "=" + run.values[a]);
  return list;
}

}  // namespace jetpinn
