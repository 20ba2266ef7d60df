#include "jetpinn/profile/profiler.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <numeric>
#include <system_error>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t interval_steps = 16384;               // of an interval: then it is over
constexpr std::int64_t first_traced = 2, last_traced = 4;   // steps of this process; the first one warms caches
constexpr std::int64_t events_of_steps = 20000, events_of_kernels = 500000;

// Files of the part of the run that went before.
void move_aside(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  if (files.empty()) return;
  fs::path target;
  for (int n = 1; target.empty() || fs::exists(target); ++n) target = folder / ("continuation-" + std::to_string(n));
  fs::create_directory(target);
  for (const fs::path& file : files) fs::rename(file, target / file.filename());
}

void prepare(const std::string& folder) {
  try {
    fs::create_directories(folder);
    move_aside(folder);
  } catch (const fs::filesystem_error& error) {
    throw Error(Status::usage, "cannot prepare " + folder + ": " + error.code().message() +
                                   "; check the permissions of the run folder, or set output.profile.detail = \"off\"");
  }
}

StepTimes step_times(std::vector<double>& seconds) {
  if (seconds.empty()) return {};
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  const auto [least, most] = std::minmax_element(seconds.begin(), seconds.end());
  return {*least, *middle, *most};
}

KernelRecord kernel(const KernelWork& now, const KernelWork& before, double seconds) {
  return {{now.flop - before.flop, now.bytes - before.bytes}, seconds};
}

}  // namespace

const char* to_string(ProfileDetail detail) {
  switch (detail) {
    case ProfileDetail::off: return "off";
    case ProfileDetail::steps: return "steps";
    case ProfileDetail::kernels: return "kernels";
  }
  return "?";
}

Profiler::Profiler(Communicator& communicator, const std::string& run_directory, const ProfileOptions& options,
                   double program_start, const ProfileFacts& facts, double agreed_s)
    : communicator_(communicator),
      options_(options),
      program_start_(program_start),
      trace_(options.detail == ProfileDetail::kernels ? events_of_kernels : events_of_steps,
             options.detail == ProfileDetail::kernels ? events_of_kernels : events_of_steps / 4),
      before_(facts),
      closed_at_s_(agreed_s) {
  const std::string folder = run_directory + "/profile";
  communicator.agree("profile", [&] {
    if (communicator.root()) prepare(folder);
  });
  record_path_ = folder + fmt::format("/rank-{:04}.jsonl", communicator.rank());
  trace_path_ = folder + fmt::format("/trace-{:04}.jsonl", communicator.rank());
  const std::vector<std::string> hosts = communicator.gather("profile", host_name());
  first_on_host_ = std::find(hosts.begin(), hosts.end(), host_name()) == hosts.begin() + communicator.rank();
  const std::string gpu = host_name() + " " + watched_gpu();
  const std::vector<std::string> gpus = communicator.gather("profile", gpu);
  const bool first_on_gpu = std::find(gpus.begin(), gpus.end(), gpu) == gpus.begin() + communicator.rank();
  if (first_on_gpu && !watched_gpu().empty()) gpu_.emplace(watched_gpu());
  communicator.agree("profile", [&] {
    open(record_path_, records_);
    open(trace_path_, traces_);
    step_s_.reserve(interval_steps + 1);
  });
}

void Profiler::open(const std::string& path, std::ofstream& out) {
  out.open(path, std::ios::trunc);
  if (!out) throw Error(Status::usage, "cannot write " + path + "; check the permissions of the run folder");
}

// A file that cannot be written must not stop the training of all ranks: it is told once, and the run ends with its status.
// What is left of the line goes away, for others need the room more.
void Profiler::write(std::ofstream& out, const std::string& path, const std::string& line) noexcept {
  const ScopedRegion region(Region::io);
  if (!failure_.empty()) return;
  try {
    const auto before = static_cast<std::uintmax_t>(std::max<std::streamoff>(out.tellp(), 0));
    out << line << '\n' << std::flush;
    if (out) return;
    failure_ = "cannot write " + path + "; check that the disk has space left";
    std::fprintf(stderr, "jetpinn: warning: rank %d: %s\n", communicator_.rank(), failure_.c_str());
    std::error_code trouble;   // it may be no file of ours
    out.close();
    if (fs::is_regular_file(path, trouble)) fs::resize_file(path, before, trouble);
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
}

// Which steps are traced does not steer anything that ranks do together.
void Profiler::begin_step() noexcept {
  ++steps_;
  const bool chosen =
      options_.detail == ProfileDetail::kernels || (steps_ >= first_traced && steps_ <= last_traced) || trace_next_;
  if (chosen && !trace_.spent()) tracing_ = trace_.begin_step();
  trace_next_ = false;
  step_begin_ = wall_seconds();
}

void Profiler::end_step() noexcept {
  if (step_s_.size() < step_s_.capacity()) step_s_.push_back(wall_seconds() - step_begin_);
  if (!std::exchange(tracing_, false)) return;
  trace_.end_step();
  const ScopedRegion region(Region::io);   // the line's text takes longer than its writing
  try {
    if (trace_.has_step())
      write(
          traces_, trace_path_,
          trace_.take_line(communicator_.rank(), before_.step + static_cast<std::int64_t>(step_s_.size()), program_start_));
  } catch (const std::exception&) {   // no memory for the line: the step goes without
  }
}

bool Profiler::due(double agreed_s) const {
  return agreed_s - closed_at_s_ >= options_.every_s || step_s_.size() >= interval_steps;
}

void Profiler::close(const ProfileFacts& facts, std::vector<double> allreduce_seconds, double agreed_s,
                     const std::string& last) {
  if (intervals_ > 0 && facts.evaluations == before_.evaluations && last.empty()) return;
  const ScopedRegion region(Region::io);   // asking the system takes a millisecond
  IntervalRecord record = measure(facts);
  double& waited = record.regions["allreduce_wait"];
  double& moved = record.regions["allreduce_move"];
  const double held_up = moved;
  if (communicator_.size() > 1) {
    for (double& seconds : allreduce_seconds) seconds = -seconds;
    communicator_.max("profile", allreduce_seconds.data(), static_cast<std::int64_t>(allreduce_seconds.size()));
    moved = std::min(std::accumulate(allreduce_seconds.begin(), allreduce_seconds.end(), 0.0, std::minus<>()), held_up);
    waited = held_up - moved;
  }
  record.last = last;
  write(records_, record_path_, to_json_line(record));
  totals_.accumulate(record);
  closed_at_s_ = agreed_s;
  trace_next_ = steps_ > 0;
}

void Profiler::fail(const ProfileFacts& facts) noexcept {
  try {
    IntervalRecord record = measure(facts);
    if (communicator_.size() > 1) std::swap(record.regions["allreduce_wait"], record.regions["allreduce_move"]);
    record.last = "failed";
    write(records_, record_path_, to_json_line(record));
  } catch (const std::exception&) {
    // The error itself is on its way to the user.
  }
}

// Everything since the last record; the all-reduces' time stands under allreduce_move, undivided.
IntervalRecord Profiler::measure(const ProfileFacts& facts) {
  IntervalRecord record;
  record.version = version;
  record.rank = communicator_.rank();
  record.ranks = communicator_.size();
  record.host = host_name();
  record.pid = process_id();
  record.precision = facts.precision;
  record.interval = intervals_++;
  record.first_step = before_.step;
  record.last_step = facts.step;
  record.evaluations = facts.evaluations - before_.evaluations;
  record.points = facts.points;
  record.message_bytes = facts.message_bytes;

  double now = 0;   // the regions' own: between two looks at the clock another process may run
  const RegionTimes regions = region_times(&now);
  record.begin_s = end_s_;
  record.end_s = end_s_ = now - program_start_;
  for (int r = 0; r < static_cast<int>(Region::count); ++r) {
    const auto region = static_cast<Region>(r);
    const double seconds = std::max(regions[region] - regions_before_[region], 0.0);
    record.regions[region == Region::allreduce ? "allreduce_move" : to_string(region)] = seconds;
  }
  record.regions["allreduce_wait"] = 0;
  record.kernels["product"] = kernel(facts.work.product, before_.work.product, record.regions["product"]);
  record.kernels["activation"] = kernel(facts.work.activation, before_.work.activation, record.regions["activation"]);
  record.kernels["tape"] = kernel(facts.work.tape, before_.work.tape, record.regions["tape"]);

  record.step_s = step_times(step_s_);
  record.memory = facts.memory;
  record.memory.resident = resident_bytes();
  record.memory.peak = peak_resident_bytes();
  record.memory.available = available_memory_bytes();
  record.counters = counters_.take();
  if (const auto joules = first_on_host_ ? energy_.joules() : std::nullopt) {
    record.counters.joules = *joules - joules_;
    joules_ = *joules;
  }
  if (gpu_) record.counters.gpu = gpu_->take();
  record.peaks = facts.peaks;
  regions_before_ = regions;
  before_ = facts;
  step_s_.clear();
  return record;
}

}  // namespace jetpinn
