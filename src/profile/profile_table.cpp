#include "jetpinn/profile/profile_table.hpp"

#include <fmt/format.h>

#include <string>

namespace jetpinn {
namespace {

constexpr std::size_t runs_listed = 8;

std::string seconds_text(double seconds) {
  if (seconds == 0) return "-";
  return seconds < 0.0095 ? fmt::format("{:.1f} ms", 1e3 * seconds) : fmt::format("{:.2f} s", seconds);
}

std::string head(const ProfileSummary& s) {
  std::string text =
      fmt::format("profile of {} rank{} on {} host{}, {} {}: {} step{} with {} evaluation{} of {} points in {:.1f} s",
                  s.ranks, s_if(s.ranks), s.hosts, s_if(s.hosts), s.device, s.precision, s.steps, s_if(s.steps),
                  s.evaluations, s_if(s.evaluations), s.points, s.wall_s.max);
  if (s.ended != "completed") text += s.ended.empty() ? ", no end was recorded" : ", " + s.ended;
  text += "\n";
  if (!s.missing.empty())
    text +=
        fmt::format("no records of rank{} {}\n", s_if(static_cast<std::int64_t>(s.missing.size())), rank_list(s.missing));
  return text;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string row(const std::string& name, const Spread& seconds, double wall, const std::string& longest) {
  return trimmed(fmt::format("{:<16}{:>11}{:>11}{:>11}{:>9}  {:>8}", name, seconds_text(seconds.min),
                             seconds_text(seconds.mean), seconds_text(seconds.max),
                             wall > 0 ? fmt::format("{:.1f} %", 100 * seconds.mean / wall) : "-", longest));
}

std::string regions_text(const ProfileSummary& s) {
  std::string text = fmt::format("{:<16}{:>11}{:>11}{:>11}{:>9}  {:>8}\n", "time", "min", "mean", "max", "share", "longest");
  for (const RegionSummary& region : s.regions)
    if (region.seconds.max > 0)
      text += row(region.name, region.seconds, s.wall_s.mean, fmt::format("rank {}", region.longest));
  text += row("wall", s.wall_s, s.wall_s.mean, "");
  for (const std::string& doubt : s.doubts) text += "shares          not known well: " + doubt + "\n";
  return text;
}

std::string steps_text(const ProfileSummary& s) {
  if (s.steps == 0) return "no step was taken\n";
  std::string text = fmt::format("step            shortest {:.3g} ms, median {:.3g} ms, longest {:.3g} ms\n",
                                 1e3 * s.step_s.min, 1e3 * s.step_s.median, 1e3 * s.step_s.max);
  if (s.ranks > 1)
    text += fmt::format("slowest         rank {} on {}, {:.2f} s of its own work; imbalance {:.1f} %\n", s.slowest.rank,
                        s.slowest.host, s.slowest.work_s, 100 * s.imbalance);
  return text;
}

std::string kernels_text(const ProfileSummary& s) {
  std::string text = fmt::format("{:<16}{:>11}{:>11}{:>25}\n", "kernels", "GFLOP/s", "GB/s", "roofline min mean max");
  for (const KernelSummary& kernel : s.kernels) {
    if (kernel.seconds.max <= 0) continue;
    text += fmt::format("{:<16}{:>11.1f}{:>11.1f}", kernel.name, 1e-9 * kernel.flops.mean, 1e-9 * kernel.bytes.mean);
    text += kernel.roofline.max > 0 ? fmt::format("{:>13.0f} %{:>3.0f} %{:>3.0f} %\n", 100 * kernel.roofline.min,
                                                  100 * kernel.roofline.mean, 100 * kernel.roofline.max)
                                    : fmt::format("{:>25}\n", "not measured");
  }
  if (s.utilisation > 0)
    text += fmt::format("utilisation     {:.0f} % of the roofline over the whole run, {:.0f} % after the start-up\n",
                        100 * s.utilisation, 100 * s.utilisation_of_steps);
  return text;
}

std::string memory_row(const char* name, const Spread& bytes) {
  return fmt::format("{:<16}{:>11.1f}{:>11.1f}{:>11.1f}\n", name, in_mib(bytes.min), in_mib(bytes.mean), in_mib(bytes.max));
}

std::string memory_text(const ProfileSummary& s) {
  const MemorySummary& m = s.memory;
  std::string text = fmt::format("{:<16}{:>11}{:>11}{:>11}\n", "memory, MiB", "min", "mean", "max");
  text += memory_row("minimum", m.minimum) + memory_row("used", m.used) + memory_row("planned", m.planned) +
          memory_row("pool", m.pool) + memory_row("pool fragments", m.pool_unused) + memory_row("resident", m.resident) +
          memory_row("peak", m.peak);
  if (m.used.max > 0) text += fmt::format("memory efficiency {:.2f} (minimum / used)\n", m.efficiency.mean);
  return text;
}

std::string counters_text(const ProfileSummary& s) {
  std::string text = fmt::format("processor       {:.0f} % of the time ({:.0f} .. {:.0f} %), {:.0f} involuntary switches",
                                 100 * s.cpu_share.mean, 100 * s.cpu_share.min, 100 * s.cpu_share.max, s.displaced);
  if (s.major_faults > 0) text += fmt::format(", {:.0f} pages from disk", s.major_faults);
  text += "\n";
  for (const auto& [name, value] : s.gpu)
    text += name == "joules"        ? fmt::format("gpu energy      {:.0f} J\n", value)
            : name == "memory_used" ? fmt::format("gpu memory      {:.0f} MiB\n", in_mib(value))
                                    : fmt::format("gpu {:<12}{:.0f} %\n", name, 100 * value);
  if (s.joules) text += fmt::format("energy          {:.0f} J\n", *s.joules);
  return text;
}

}  // namespace

std::string rank_list(const std::vector<int>& ranks) {
  std::string text;
  std::size_t runs = 0;
  for (std::size_t i = 0; i < ranks.size();) {
    std::size_t end = i;
    while (end + 1 < ranks.size() && ranks[end + 1] == ranks[end] + 1) ++end;
    if (++runs > runs_listed) return text + ", ...";
    text += (text.empty() ? "" : ", ") + std::to_string(ranks[i]) + (end > i ? "-" + std::to_string(ranks[end]) : "");
    i = end + 1;
  }
  return text;
}

std::string profile_table(const ProfileSummary& summary) {
  return head(summary) + "\n" + regions_text(summary) + steps_text(summary) + "\n" + kernels_text(summary) + "\n" +
         memory_text(summary) + "\n" + counters_text(summary) + "bottleneck      " + summary.bottleneck.sentence + "\n";
}

}  // namespace jetpinn
