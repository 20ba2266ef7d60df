#include "jetpinn/profile/record.hpp"

#include "jetpinn/base/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t largest = std::int64_t{1} << 53;   // beyond it a double could not hold what is
                                                          // counted, and sums could overflow

// One object of a line; `path` stands in front of its keys in messages.
struct Object {
  const Json& json;
  std::string path;

  [[noreturn]] void refuse(const std::string& key, const std::string& reason) const {
    throw Error(Status::usage, "'" + path + key + "' " + reason);
  }
  const Json* find(const std::string& key) const {
    const auto entry = json.find(key);
    return entry == json.end() ? nullptr : &*entry;
  }
  const Json& at(const std::string& key) const {
    const Json* entry = find(key);
    if (!entry) refuse(key, "is missing");
    return *entry;
  }
  Object object(const std::string& key) const {
    const Json& entry = at(key);
    if (!entry.is_object()) refuse(key, "must be an object");
    return {entry, path + key + "."};
  }
  double number(const std::string& key) const {
    const Json& entry = at(key);
    if (!entry.is_number()) refuse(key, "must be a number");
    return entry.get<double>();
  }
  // What is counted or timed is never negative, and a line is no place for what is not finite.
  double amount(const std::string& key) const {
    const double value = number(key);
    if (!(value >= 0 && std::isfinite(value))) refuse(key, "must be a finite number >= 0");
    return value;
  }
  std::int64_t integer(const std::string& key) const {
    const Json& entry = at(key);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!entry.is_number_integer() || (entry.is_number_unsigned() && entry.get<std::uint64_t>() > most))
      refuse(key, "must be a whole number");
    const auto value = entry.get<std::int64_t>();
    if (value < 0) refuse(key, "must not be negative");
    if (value > largest) refuse(key, "is too large");
    return value;
  }
  int small_integer(const std::string& key) const {
    const std::int64_t value = integer(key);
    if (value > std::numeric_limits<int>::max()) refuse(key, "is too large");
    return static_cast<int>(value);
  }
  std::string text(const std::string& key) const {
    const Json& entry = at(key);
    if (!entry.is_string()) refuse(key, "must be text");
    return entry.get<std::string>();
  }
  std::optional<double> optional_amount(const std::string& key) const {
    if (!find(key)) return std::nullopt;
    return amount(key);
  }
  std::map<std::string, double> amounts() const {
    std::map<std::string, double> values;
    for (const auto& entry : json.items()) values[entry.key()] = amount(entry.key());
    return values;
  }
};

Json kernels_to_json(const std::map<std::string, KernelRecord>& kernels) {
  Json json = Json::object();
  for (const auto& [name, kernel] : kernels)
    json[name] = {{"flop", kernel.work.flop}, {"bytes", kernel.work.bytes}, {"seconds", kernel.seconds}};
  return json;
}

std::map<std::string, KernelRecord> kernels_from(const Object& object) {
  std::map<std::string, KernelRecord> kernels;
  for (const auto& entry : object.json.items()) {
    const Object kernel = object.object(entry.key());
    kernels[entry.key()] = {{kernel.amount("flop"), kernel.amount("bytes")}, kernel.amount("seconds")};
  }
  return kernels;
}

Json memory_to_json(const MemoryRecord& memory) {
  Json json = {{"pool", memory.pool}, {"pool_unused", memory.pool_unused}, {"planned", memory.planned},
               {"used", memory.used}, {"minimum", memory.minimum},         {"resident", memory.resident},
               {"peak", memory.peak}};
  if (memory.available > 0) json["available"] = memory.available;
  return json;
}

MemoryRecord memory_from(const Object& object) {
  MemoryRecord memory;
  memory.pool = object.integer("pool");
  memory.pool_unused = object.integer("pool_unused");
  memory.planned = object.integer("planned");
  memory.used = object.integer("used");
  memory.minimum = object.integer("minimum");
  memory.resident = object.integer("resident");
  memory.peak = object.integer("peak");
  if (object.find("available")) memory.available = object.integer("available");
  return memory;
}

Json counters_to_json(const CounterRecord& counters) {
  Json json = {{"cpu_s", counters.cpu_s},
               {"displaced", counters.displaced},
               {"yielded", counters.yielded},
               {"major_faults", counters.major_faults}};
  if (counters.queued_s) json["queued_s"] = *counters.queued_s;
  if (counters.instructions) json["instructions"] = *counters.instructions;
  if (counters.cycles) json["cycles"] = *counters.cycles;
  if (counters.cache_misses) json["cache_misses"] = *counters.cache_misses;
  if (counters.joules) json["joules"] = *counters.joules;
  if (!counters.gpu.empty()) json["gpu"] = counters.gpu;
  return json;
}

CounterRecord counters_from(const Object& object) {
  CounterRecord counters;
  counters.cpu_s = object.amount("cpu_s");
  counters.displaced = object.integer("displaced");
  counters.yielded = object.integer("yielded");
  counters.major_faults = object.integer("major_faults");
  counters.queued_s = object.optional_amount("queued_s");
  counters.instructions = object.optional_amount("instructions");
  counters.cycles = object.optional_amount("cycles");
  counters.cache_misses = object.optional_amount("cache_misses");
  counters.joules = object.optional_amount("joules");
  if (object.find("gpu")) counters.gpu = object.object("gpu").amounts();
  return counters;
}

IntervalRecord record_from(const Object& object) {
  IntervalRecord record;
  record.schema = object.small_integer("schema");
  if (record.schema != IntervalRecord::current_schema)
    object.refuse("schema", "is " + std::to_string(record.schema) + ", this version of jetpinn reads " +
                                std::to_string(IntervalRecord::current_schema));
  record.version = object.text("version");
  record.rank = object.small_integer("rank");
  record.ranks = object.small_integer("ranks");
  if (record.rank >= record.ranks)
    object.refuse("rank", "is " + std::to_string(record.rank) + " of " + std::to_string(record.ranks) + " ranks");
  record.host = object.text("host");
  record.pid = object.small_integer("pid");
  record.device = object.text("device");
  record.precision = object.text("precision");
  record.interval = object.integer("interval");
  record.first_step = object.integer("first_step");
  record.last_step = object.integer("last_step");
  if (record.last_step < record.first_step) object.refuse("last_step", "lies before first_step");
  record.evaluations = object.integer("evaluations");
  record.points = object.integer("points");
  if (object.find("message_bytes")) record.message_bytes = object.integer("message_bytes");
  record.begin_s = object.amount("begin_s");
  record.end_s = object.amount("end_s");
  if (record.end_s < record.begin_s) object.refuse("end_s", "lies before begin_s");
  record.regions = object.object("regions").amounts();
  record.kernels = kernels_from(object.object("kernels"));
  const Object steps = object.object("step_s");
  record.step_s = {steps.amount("min"), steps.amount("median"), steps.amount("max")};
  record.memory = memory_from(object.object("memory"));
  record.counters = counters_from(object.object("counters"));
  const Object peaks = object.object("peaks");
  record.peaks = {peaks.amount("flops"), peaks.amount("cache_bytes"), peaks.amount("memory_bytes")};
  if (object.find("last")) record.last = object.text("last");
  return record;
}

}  // namespace

std::string to_json_line(const IntervalRecord& record) {
  Json json = {{"schema", record.schema},
               {"version", record.version},
               {"rank", record.rank},
               {"ranks", record.ranks},
               {"host", record.host},
               {"pid", record.pid},
               {"device", record.device},
               {"precision", record.precision},
               {"interval", record.interval},
               {"first_step", record.first_step},
               {"last_step", record.last_step},
               {"evaluations", record.evaluations},
               {"points", record.points},
               {"begin_s", record.begin_s},
               {"end_s", record.end_s},
               {"regions", record.regions},
               {"kernels", kernels_to_json(record.kernels)},
               {"step_s", {{"min", record.step_s.min}, {"median", record.step_s.median}, {"max", record.step_s.max}}},
               {"memory", memory_to_json(record.memory)},
               {"counters", counters_to_json(record.counters)},
               {"peaks",
                {{"flops", record.peaks.flops},
                 {"cache_bytes", record.peaks.cache_bytes},
                 {"memory_bytes", record.peaks.memory_bytes}}}};
  if (record.message_bytes > 0) json["message_bytes"] = record.message_bytes;
  if (!record.last.empty()) json["last"] = record.last;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

IntervalRecord interval_from_json(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded()) throw Error(Status::usage, "it is not JSON");
  if (!json.is_object()) throw Error(Status::usage, "it is no JSON object");
  return record_from({json, ""});
}

bool holds_startup(const IntervalRecord& record) {
  const auto startup = record.regions.find("startup");
  return startup != record.regions.end() && startup->second > 0.05 * record.seconds();
}

double roofline_seconds(const KernelWork& work, const Peaks& peaks) {
  const bool known = (work.flop == 0 || peaks.flops > 0) && (work.bytes == 0 || peaks.cache_bytes > 0);
  if (!known) return 0;
  return std::max(work.flop > 0 ? work.flop / peaks.flops : 0, work.bytes > 0 ? work.bytes / peaks.cache_bytes : 0);
}

double roofline_share(const KernelRecord& kernel, const Peaks& peaks) {
  return kernel.seconds > 0 ? roofline_seconds(kernel.work, peaks) / kernel.seconds : 0;
}

}  // namespace jetpinn
