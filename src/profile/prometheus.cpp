#include "jetpinn/profile/prometheus.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace jetpinn {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Backslash, quote and line end are what the format escapes in a label; what is no UTF-8 would
// make the whole file unreadable.
std::string escaped(const std::string& value) {
  std::string text;
  for (const char letter : value) {
    if (letter == '\\' || letter == '"') text += '\\';
    if (letter == '\n') text += "\\n";
    else text += static_cast<unsigned char>(letter) < 128 ? letter : '?';
  }
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);   // the shortest that reads back as the same
}

class Text {
 public:
  explicit Text(std::string run) : run_(std::move(run)) {}

  void metric(const std::string& name, const char* type, const char* help) {
    name_ = "jetpinn_" + name;
    text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name_, type, help);
  }
  void sample(double value, const Labels& labels = {}) {
    text_ += fmt::format("{}{{run=\"{}\"", name_, escaped(run_));
    for (const auto& [key, label] : labels) text_ += fmt::format(",{}=\"{}\"", key, escaped(label));
    text_ += "} " + number(value) + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string run_, name_, text_;
};

Labels of_rank(const RankTotals& rank, Labels more = {}) {
  Labels labels{{"rank", std::to_string(rank.sum.rank)}, {"host", rank.sum.host}};
  labels.insert(labels.end(), more.begin(), more.end());
  return labels;
}

using Member = double (*)(const RankTotals&);
void per_rank(Text& text, const std::vector<RankTotals>& ranks, const std::string& name, const char* type, const char* help,
              Member value) {
  text.metric(name, type, help);
  for (const RankTotals& rank : ranks) text.sample(value(rank), of_rank(rank));
}

using OfKernel = double (*)(const KernelRecord&);
void per_kernel(Text& text, const std::vector<RankTotals>& ranks, const std::string& name, const char* help,
                OfKernel value) {
  text.metric(name, "counter", help);
  for (const RankTotals& rank : ranks)
    for (const auto& [kernel, record] : rank.sum.kernels) text.sample(value(record), of_rank(rank, {{"kernel", kernel}}));
}

void times(Text& text, const std::vector<RankTotals>& ranks) {
  text.metric("region_seconds_total", "counter", "Time of the rank in the region; regions add up to the wall time");
  for (const RankTotals& rank : ranks)
    for (const auto& [region, seconds] : rank.sum.regions) text.sample(seconds, of_rank(rank, {{"region", region}}));
  per_rank(text, ranks, "wall_seconds_total", "counter", "Wall time of the rank",
           [](const RankTotals& r) { return r.wall_s; });
  per_rank(text, ranks, "cpu_seconds_total", "counter", "Processor time of the rank",
           [](const RankTotals& r) { return r.sum.counters.cpu_s; });
  per_rank(text, ranks, "steps_total", "counter", "Training steps taken",
           [](const RankTotals& r) { return static_cast<double>(r.sum.last_step - r.sum.first_step); });
  per_rank(text, ranks, "evaluations_total", "counter", "Evaluations of loss and gradient",
           [](const RankTotals& r) { return static_cast<double>(r.sum.evaluations); });
  per_rank(text, ranks, "step_median_seconds", "gauge", "Median time of a step",
           [](const RankTotals& r) { return r.median_step_s(); });
}

void kernels(Text& text, const std::vector<RankTotals>& ranks) {
  per_kernel(text, ranks, "kernel_seconds_total", "Time in kernels of the class",
             [](const KernelRecord& k) { return k.seconds; });
  per_kernel(text, ranks, "kernel_flop_total", "Floating-point operations of the class, as planned",
             [](const KernelRecord& k) { return k.work.flop; });
  per_kernel(text, ranks, "kernel_bytes_total", "Bytes that kernels of the class read and wrote, as planned",
             [](const KernelRecord& k) { return k.work.bytes; });
  text.metric("kernel_roofline_seconds_total", "counter",
              "Time that the measured peaks of the processor allow for the work of the class");
  for (const RankTotals& rank : ranks)
    for (const auto& [kernel, seconds] : rank.roofline_s) text.sample(seconds, of_rank(rank, {{"kernel", kernel}}));
}

void memory(Text& text, const std::vector<RankTotals>& ranks) {
  text.metric("memory_bytes", "gauge", "Memory of the rank at its highest, by kind");
  for (const RankTotals& rank : ranks) {
    const MemoryRecord& m = rank.sum.memory;
    for (const auto& [kind, bytes] : {std::pair{"pool", m.pool},
                                      {"pool_unused", m.pool_unused},
                                      {"planned", m.planned},
                                      {"used", m.used},
                                      {"minimum", m.minimum},
                                      {"resident", m.resident},
                                      {"peak", m.peak}})
      text.sample(static_cast<double>(bytes), of_rank(rank, {{"kind", kind}}));
  }
}

void system(Text& text, const std::vector<RankTotals>& ranks) {
  text.metric("context_switches_total", "counter", "Context switches of the rank, by whether it gave up the core itself");
  for (const RankTotals& rank : ranks) {
    text.sample(static_cast<double>(rank.sum.counters.displaced), of_rank(rank, {{"kind", "involuntary"}}));
    text.sample(static_cast<double>(rank.sum.counters.yielded), of_rank(rank, {{"kind", "voluntary"}}));
  }
  per_rank(text, ranks, "major_faults_total", "counter", "Pages that came from a disk",
           [](const RankTotals& r) { return static_cast<double>(r.sum.counters.major_faults); });
  bool energy = false;
  for (const RankTotals& rank : ranks) {
    if (!rank.sum.counters.joules) continue;
    if (!std::exchange(energy, true))
      text.metric("energy_joules_total", "counter", "Energy of the machine's processors while the run went on");
    text.sample(*rank.sum.counters.joules, {{"host", rank.sum.host}});
  }
}

void whole_run(Text& text, const ProfileSummary& summary) {
  text.metric("info", "gauge", "Always 1; what ran");
  text.sample(1, {{"version", summary.version},
                  {"device", summary.device},
                  {"precision", summary.precision},
                  {"status", summary.ended}});
  text.metric("ranks", "gauge", "Ranks of the run");
  text.sample(summary.ranks);
  text.metric("ranks_missing", "gauge", "Ranks without records");
  text.sample(static_cast<double>(summary.missing.size()));
  text.metric("imbalance_ratio", "gauge", "Work of the slowest rank over the mean, less one");
  text.sample(summary.imbalance);
  text.metric("utilisation_ratio", "gauge", "Time that the roofline allows for the kernels over the wall time");
  text.sample(summary.utilisation);
  text.metric("memory_efficiency_ratio", "gauge", "Least memory that the training needs over what it uses");
  text.sample(summary.memory.efficiency.mean);
  text.metric("bottleneck", "gauge", "1 for what bounds the run");
  for (int kind = 0; kind < static_cast<int>(BottleneckKind::count); ++kind)
    text.sample(summary.bottleneck.kind == static_cast<BottleneckKind>(kind) ? 1 : 0,
                {{"kind", to_string(static_cast<BottleneckKind>(kind))}});
}

}  // namespace

std::string prometheus_text(const std::string& run, const std::vector<RankTotals>& ranks, const ProfileSummary& summary) {
  Text text(run);
  times(text, ranks);
  kernels(text, ranks);
  memory(text, ranks);
  system(text, ranks);
  whole_run(text, summary);
  return text.take();
}

}  // namespace jetpinn
