#include "jetpinn/bench/bench_attention.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/bench/attention_run.hpp"
#include "jetpinn/runtime/torch_attention.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <set>

namespace jetpinn {
namespace {

constexpr double least_timing_s = 1e-3;  // for the clock
constexpr int most_turns = 50;

// One of the four that take turns, with its seconds per round.
struct AttentionTurn {
  std::function<void()> work;
  int calls = 1;
  std::vector<double> seconds = {};

  double time(int count) const {
    const double begin = wall_seconds();
    for (int i = 0; i < count; ++i) work();
    return (wall_seconds() - begin) / count;
  }
};

// The first calls of each warm caches and do not count.
void let_attentions_take_turns(std::vector<AttentionTurn>& turns, const BenchAttentionOptions& options) {
  for (AttentionTurn& turn : turns)
    for (turn.work(); turn.calls < 4096 && turn.time(turn.calls) * turn.calls < least_timing_s;) turn.calls *= 2;
  const double until = wall_seconds() + options.seconds;
  for (int round = 0; round < options.rounds || (round < most_turns && wall_seconds() < until); ++round)
    for (AttentionTurn& turn : turns) turn.seconds.push_back(turn.time(turn.calls));
}

double median_ratio(const std::vector<double>& over, const std::vector<double>& under) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < over.size(); ++i) ratios.push_back(over[i] / under[i]);
  return spread_of(ratios).median;
}

template <class T>
BenchResult measure_attention(std::int64_t tokens, const BenchAttentionOptions& options) {
  AttentionRun<T> run(attention_pattern(tokens, options.width, options.attention), options.heads);
  const std::unique_ptr<TorchAttention> dense = make_torch_attention(
      AttentionArguments<T>{options.heads, tokens, options.width, run.q(), run.k(), run.v(), run.bar()});
  std::vector<AttentionTurn> turns{{[&] { run.forward(), run.reverse(); }},
                                   {[&] { dense->both(); }},
                                   {[&] { run.forward(); }},
                                   {[&] { dense->forward(); }}};
  let_attentions_take_turns(turns, options);

  BenchResult result;
  result.name = "sparse attention";
  result.parameters = {{"tokens", tokens}, {"precision", to_string(options.precision)}};
  result.seconds = spread_of(turns[0].seconds);
  const double dense_s = spread_of(turns[1].seconds).median, pairs = static_cast<double>(run.pairs()),
               all_pairs = static_cast<double>(options.heads * tokens * tokens);
  const double flop = 14.0 * static_cast<double>(options.width);  // of a pair, forward and in reverse
  result.figures = {{"over_libtorch", median_ratio(turns[1].seconds, turns[0].seconds)},
                    {"forward_over_libtorch", median_ratio(turns[3].seconds, turns[2].seconds)},
                    {"libtorch_ms", 1e3 * dense_s},
                    {"mb", 1e-6 * static_cast<double>(run.bytes())},
                    {"libtorch_mb", 1e-6 * static_cast<double>(dense->bytes())},
                    {"pairs_share", pairs / all_pairs},
                    {"gflops", 1e-9 * flop * pairs / result.seconds.median},
                    {"libtorch_gflops", 1e-9 * flop * all_pairs / dense_s}};
  if (options.peak_flops > 0) {
    result.figures.emplace_back("peak_share", flop * pairs / result.seconds.median / options.peak_flops);
    result.figures.emplace_back("libtorch_peak_share", flop * all_pairs / dense_s / options.peak_flops);
  }
  run.forward();
  run.reverse();
  const double error = run.error();
  result.figures.emplace_back("difference", error);
  result.figures.emplace_back("tolerance", run.tolerance());
  result.verified = error <= run.tolerance();
  if (!result.verified) result.trouble = "it differs from LibTorch's masked attention beyond rounding";
  return result;
}

double ratio_of(const BenchResult& result) { return std::get<double>(result.figures.front().second); }

// The shortest measured length from which on every length is faster than LibTorch's; none: text.
BenchValue pays_from(const std::vector<BenchResult>& results) {
  BenchValue from = std::string("none of these lengths");
  for (auto result = results.rbegin(); result != results.rend() && ratio_of(*result) > 1; ++result)
    from = result->parameters.front().second;
  return from;
}

}  // namespace

BenchReport bench_attention(Communicator& communicator, const BenchAttentionOptions& options) {
  BenchReport report;
  report.benchmark = "attention";
  report.machine = describe_machine(communicator);
  communicator.agree("bench attention", [&] {
    if (!communicator.root()) return;
    std::set<std::int64_t> lengths(options.tokens.begin(), options.tokens.end());  // each once, rising
    for (const std::int64_t tokens : lengths)
      report.results.push_back(options.precision == Precision::fp64 ? measure_attention<double>(tokens, options)
                                                                    : measure_attention<float>(tokens, options));
  });
  report.config = {{"heads", options.heads},
                   {"width", options.width},
                   {"global", options.attention.global},
                   {"window", options.attention.window},
                   {"ratio", options.attention.ratio},
                   {"pays_from_tokens", pays_from(report.results)}};
  return report;
}

}  // namespace jetpinn
