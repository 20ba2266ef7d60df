#include "jetpinn/config/later_stages.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/config/edit_document.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

template <class Number, class Write>
Value list_of(const std::vector<Number>& numbers, const Write& write) {
  Value list;
  list.kind = Value::Kind::list;
  for (const Number number : numbers) list.items.push_back(write(number));
  return list;
}

// start * f_1 * ... * f_k, and the steps that are still to come.
Value later_piecewise(const ScheduleOptions& rate, std::int64_t done) {
  double start = rate.start;
  std::vector<std::int64_t> at;
  std::vector<double> factors;
  for (std::size_t k = 0; k < rate.at.size(); ++k) {
    if (rate.at[k] <= done) {
      start *= rate.factors[k];
    } else {
      at.push_back(rate.at[k] - done);
      factors.push_back(rate.factors[k]);
    }
  }
  Value later;
  later.insert("schedule", text_value(at.empty() ? "constant" : "piecewise"));
  later.insert("start", number_value(start));
  if (at.empty()) return later;
  later.insert("at", list_of(at, integer_value));
  later.insert("factors", list_of(factors, number_value));
  return later;
}

Value later_rate(const ScheduleOptions& rate, std::int64_t done, std::int64_t stage) {
  Value later;
  const bool warm = done >= rate.warmup;
  if (warm && rate.kind == "piecewise") return later_piecewise(rate, done);
  if (!warm || (rate.kind != "constant" && rate.kind != "exponential"))
    throw Error(
        Status::usage,
        fmt::format("that step lies {} steps behind the beginning of stage {}, and the learning rate of that stage ({}{}) "
                    "cannot go on in its midst; take a step at which a stage begins, or say how a round trains, with "
                    "--steps",
                    done, stage, rate.kind, warm ? "" : ", whose warm-up is not over"));
  later.insert("schedule", text_value(rate.kind));
  const bool falls = rate.kind == "exponential";
  const double periods = static_cast<double>(done - rate.warmup) / rate.every;
  later.insert("start", number_value(falls ? rate.start * std::pow(rate.decay, periods) : rate.start));
  if (!falls) return later;
  later.insert("decay", number_value(rate.decay));
  later.insert("every", number_value(rate.every));
  return later;
}

}  // namespace

std::string stages_behind(const Config& config, std::int64_t stage, std::int64_t done) {
  const Value root = parse_document(config.resolved, config.path);
  const Value& all = *root.find("training")->find("stages");
  Value later;
  later.kind = Value::Kind::list;
  for (auto number = static_cast<std::size_t>(stage); number < all.items.size(); ++number) {
    Value next = all.items[number];
    const StageOptions& options = config.training.stages[number];
    if (const bool begun = done > 0 && static_cast<std::int64_t>(number) == stage; begun) {
      set(next, "steps", integer_value(options.steps - done));
      if (!options.optimizer.searches())
        set(next, "learning_rate", later_rate(options.optimizer.learning_rate, done, stage));
    }
    later.items.push_back(std::move(next));
  }
  return write_value(later);
}

}  // namespace jetpinn
