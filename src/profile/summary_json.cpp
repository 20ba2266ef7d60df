#include "jetpinn/profile/summary.hpp"

#include <nlohmann/json.hpp>

// profile/summary.json: the numbers of the table, none rounded. s, bytes, FLOP/s and bytes/s; shares 0..1.
namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Spread& spread) { return {{"min", spread.min}, {"mean", spread.mean}, {"max", spread.max}}; }

Json regions_json(const ProfileSummary& summary) {
  Json regions = Json::object();
  for (const RegionSummary& region : summary.regions) {
    Json entry = to_json(region.seconds);
    entry["longest"] = region.longest;
    entry["share"] = summary.wall_s.mean > 0 ? region.seconds.mean / summary.wall_s.mean : 0;
    regions[region.name] = entry;
  }
  return regions;
}

Json kernels_json(const ProfileSummary& summary) {
  Json kernels = Json::object();
  for (const KernelSummary& kernel : summary.kernels) {
    Json entry = {
        {"seconds", to_json(kernel.seconds)}, {"flops", to_json(kernel.flops)}, {"bytes_per_s", to_json(kernel.bytes)}};
    if (kernel.roofline.max > 0) entry["roofline"] = to_json(kernel.roofline);
    kernels[kernel.name] = entry;
  }
  return kernels;
}

Json memory_json(const MemorySummary& memory) {
  Json json = {{"pool", to_json(memory.pool)},         {"pool_unused", to_json(memory.pool_unused)},
               {"planned", to_json(memory.planned)},   {"used", to_json(memory.used)},
               {"minimum", to_json(memory.minimum)},   {"memory_efficiency", to_json(memory.efficiency)},
               {"resident", to_json(memory.resident)}, {"peak", to_json(memory.peak)}};
  if (memory.least_left < 1) json["least_left"] = {{"share", memory.least_left}, {"host", memory.least_left_host}};
  return json;
}

Json counters_json(const ProfileSummary& summary) {
  Json json = {
      {"cpu_share", to_json(summary.cpu_share)}, {"displaced", summary.displaced}, {"major_faults", summary.major_faults}};
  if (summary.cache_miss_bytes_per_s > 0) json["cache_miss_bytes_per_s"] = summary.cache_miss_bytes_per_s;
  if (!summary.gpu.empty()) json["gpu"] = summary.gpu;
  return json;
}

Json bottleneck_json(const Bottleneck& bottleneck) {
  Json shares = Json::object();
  for (int kind = 0; kind < static_cast<int>(BottleneckKind::count); ++kind)
    shares[to_string(static_cast<BottleneckKind>(kind))] = bottleneck.shares[static_cast<std::size_t>(kind)];
  return {{"kind", to_string(bottleneck.kind)}, {"sentence", bottleneck.sentence}, {"shares", shares}};
}

}  // namespace

std::string summary_json(const ProfileSummary& summary) {
  const RankFacts& slowest = summary.slowest;
  const Json json = {
      {"schema", ProfileSummary::current_schema},
      {"version", summary.version},
      {"status", summary.ended.empty() ? Json(nullptr) : Json(summary.ended)},
      {"ranks", summary.ranks},
      {"missing_ranks", summary.missing},
      {"hosts", summary.hosts},
      {"device", summary.device},
      {"precision", summary.precision},
      {"steps", summary.steps},
      {"evaluations", summary.evaluations},
      {"points", summary.points},
      {"wall_s", to_json(summary.wall_s)},
      {"startup_s", summary.startup_s},
      {"step_s", {{"min", summary.step_s.min}, {"median", summary.step_s.median}, {"max", summary.step_s.max}}},
      {"accounted", to_json(summary.accounted)},
      {"regions", regions_json(summary)},
      {"work_s", to_json(summary.work_s)},
      {"imbalance", summary.imbalance},
      {"slowest",
       {{"rank", slowest.rank},
        {"host", slowest.host},
        {"work_s", slowest.work_s},
        {"off_core", slowest.off_core},
        {"displaced_per_s", slowest.displaced_per_s}}},
      {"kept_off",
       {{"rank", summary.kept_off.rank},
        {"host", summary.kept_off.host},
        {"queued", summary.kept_off.queued},
        {"others_queued", summary.others_queued}}},
      {"kernels", kernels_json(summary)},
      {"utilisation", summary.utilisation},
      {"utilisation_of_steps", summary.utilisation_of_steps},
      {"memory", memory_json(summary.memory)},
      {"counters", counters_json(summary)},
      {"joules", summary.joules ? Json(*summary.joules) : Json(nullptr)},
      {"doubts", summary.doubts},
      {"bottleneck", bottleneck_json(summary.bottleneck)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace jetpinn
