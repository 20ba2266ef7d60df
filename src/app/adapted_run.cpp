#include "jetpinn/app/adapted_run.hpp"

#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/app/kept_request.hpp"
#include "jetpinn/app/kept_surfaces.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t most_rows = std::int64_t{1} << 30;  // of an update, as --batch

const char* const elsewhere = "; name another folder with --output";
const char* const anew = "; adapt the run anew to another folder (--output)";

std::string record_path(const std::string& folder) { return folder + "/adapt.json"; }

// A number that JSON has, or null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json data_document(const MeasuredData& data) {
  return {{"source", data.source}, {"columns", data.columns}, {"rows", data.rows}, {"hash", data.hash}};
}

// adapt.json.
Json request_document(const AdaptRequest& request, const Trained& trained, const MeasurementStream& stream) {
  const AdaptOptions& options = request.options;
  const auto bytes = static_cast<std::int64_t>(trained.parameters.size() * sizeof(double));
  return {{"run", absolute_path(request.run)},
          {"config_hash", hex(hash_of(trained.config.resolved))},
          {"set", request.sets},
          {"parameters_hash", hex(hash_of(trained.parameters.data(), bytes))},
          {"data", data_document(stream.data(stream.rows()))},
          {"options",
           {{"batch", options.batch},
            {"replay", options.replay},
            {"steps", options.steps},
            {"rate", options.rate},
            {"elastic", options.elastic},
            {"allowed", options.allowed}}},
          {"version", version}};
}

// adapt.json of a folder, with what a comparison reads.
Json read_record(const std::string& folder) {
  const Json record = Json::parse(read_text_file(record_path(folder)), nullptr, false);
  const auto is_record = [&] {
    for (const char* key : {"config_hash", "parameters_hash"})
      if (!record.contains(key) || !record[key].is_string()) return false;
    if (!record.contains("set") || !record["set"].is_array()) return false;
    for (const char* key : {"data", "options"})
      if (!record.contains(key) || !record[key].is_object()) return false;
    const Json& data = record["data"];
    return data.contains("rows") && data["rows"].is_number_unsigned() && data.value("source", Json()).is_string() &&
           data.value("hash", Json()).is_string() && data.value("columns", Json()).is_array();
  };
  if (!is_record()) throw Error(Status::usage, record_path(folder) + " is damaged" + anew);
  return record;
}

// What a run was adapted to must be what it goes on with: the same network, and the same rows with others behind them.
void require_same(const std::string& folder, const Json& before, const Json& now, const MeasurementStream& stream) {
  const auto refuse = [&](const std::string& what, const std::string& way) {
    throw Error(Status::usage, folder + " was adapted " + what + "; " + way + ", or name another folder with --output");
  };
  const std::string run = now["run"];
  if (before["set"] != now["set"])
    refuse("with --set " + before["set"].dump() + ", not " + now["set"].dump(), "go on with the same --set");
  if (before["config_hash"] != now["config_hash"])
    refuse("from a run with another config than " + run + " has", "name the run that it was adapted from");
  if (before["parameters_hash"] != now["parameters_hash"])
    refuse("from another network than " + run + " has now", "name the run as it was when it was adapted");

  const Json &was = before["data"], &is = now["data"];
  const std::string source = was["source"];
  const auto named = [](const std::string& from) { return from == "-" ? "rows on standard input" : "the rows of " + from; };
  const std::string to = "to " + named(source), same = "go on with --data " + source;
  if ((source == "-") != (is["source"] == "-")) refuse(to + ", not to " + named(is["source"]), same);
  if (was["columns"] != is["columns"])
    refuse(to + " with the columns " + was["columns"].dump() + ", and now they are " + is["columns"].dump(),
           "go on with the same columns");
  const std::int64_t rows = was["rows"];
  if (source == "-") return;
  if (stream.rows() < rows)
    refuse(to + ", which were " + std::to_string(rows) + "; " + stream.name() + " holds " + std::to_string(stream.rows()),
           "go on with those rows and what came behind them");
  if (stream.data(rows).hash != was["hash"])
    refuse(to + "; the first " + std::to_string(rows) + " rows of " + stream.name() + " have other numbers",
           "go on with those rows and what came behind them");
}

// "--rate: 0.001 -> 0.01, --steps: 20 -> 40"
std::string changed_options(const Json& before, const Json& now) {
  const auto options = [](const Json& record) { return Json{{"options", record["options"]}}.dump(); };
  return request_differences(options(before), options(now));
}

}  // namespace

AdaptedRun::AdaptedRun(std::string folder, const AdaptRequest& request, const Trained& trained,
                       const MeasurementStream& stream)
    : folder_(std::move(folder)) {
  require_apart(folder_, request.run, "adapted");
  if (!find_run(folder_).exists)
    create_run_folder(folder_, false);
  else if (!is_file(record_path(folder_)))
    throw Error(Status::usage, folder_ + " holds a run that was not adapted, or has no adapt.json of it" + elsewhere);
  lock_ = std::make_unique<FolderLock>(folder_);

  const Json now = request_document(request, trained, stream);
  const bool goes_on = find_run(folder_).exists;
  if (!goes_on) require_no_update(request.run);
  if (goes_on) {
    const Json before = read_record(folder_);
    require_same(folder_, before, now, stream);
    if (const std::string changes = changed_options(before, now); !changes.empty())
      warning_ = folder_ + " goes on with other options than before: " + changes;
    read_updates(stream);
  } else {
    begin(request.run, trained);
  }
  write_text_file(record_path(folder_), now.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  if (!goes_on)  // it makes the folder a run
    write_text_file(folder_ + "/config.toml", read_text_file(request.run + "/config.toml"));
}

// What was learned in a folder that lost its config.toml, without which it is no run, is not begun again.
void AdaptedRun::require_no_update(const std::string& run) const {
  const bool has_network = is_file(network());
  if (has_network && steps_of_network(network()) != 0)
    throw Error(Status::usage,
                folder_ + " holds an adapted network and no config.toml; copy that of " + run + " back into it" + elsewhere);
  std::error_code trouble;  // there may be none
  if (const auto size = fs::file_size(updates_path(), trouble); !trouble && size > 0)
    throw Error(Status::usage, folder_ + " holds updates (updates.jsonl) and no config.toml" +
                                   (has_network ? "" : ", nor the network.h5 that they led to") + "; put back what is lost" +
                                   elsewhere);
}

// A run folder before the first update: its network is that of the run.
void AdaptedRun::begin(const std::string& run, const Trained& trained) {
  std::error_code trouble;
  if (fs::exists(run + "/points", trouble)) copy_all(run + "/points", folder_ + "/points");
  keep_patterns(trained.config.network, folder_);
  keep_surfaces(trained.config.problem.geometry, folder_);
  write_text_file(updates_path(), "");
  write_network_file(network(), *trained.assembly.problem, trained.assembly.network, trained.parameters.data());
}

// Of the updates that network.h5 has behind it. Lines behind them, whole or not, are cut off: their updates are made again.
void AdaptedRun::read_updates(const MeasurementStream& stream) {
  if (!is_file(network())) throw Error(Status::usage, folder_ + " has lost its network.h5" + anew);
  const std::int64_t done = steps_of_network(network());
  if (done < 0) throw Error(Status::usage, network() + " does not say how many updates it has behind it" + anew);
  const std::string text = read_text_file(updates_path());
  std::size_t at = 0;
  for (std::int64_t k = 0; k < done; ++k) {
    const std::size_t end = text.find('\n', at);
    const Json update = Json::parse(text.substr(at, end - at), nullptr, false);
    const auto has = [&](const char* key, auto is) { return update.contains(key) && (update[key].*is)(); };
    if (end == std::string::npos || !update.is_object() || !has("rows", &Json::is_number_unsigned) || update["rows"] < 1 ||
        update["rows"] > most_rows || !has("kept", &Json::is_boolean) || !has("seconds", &Json::is_number) ||
        !update.contains("error"))
      throw Error(Status::usage, updates_path() + " is damaged at line " + std::to_string(k + 1) + ", and network.h5 has " +
                                     std::to_string(done) + " updates" + anew);
    rows_ += update["rows"].get<std::int64_t>();
    taken_back_ += update["kept"].get<bool>() ? 0 : 1;
    errors_.push_back(update["error"].is_number() ? update["error"].get<double>() : NAN);
    seconds_.push_back(update["seconds"].get<double>());
    at = end + 1;
  }
  const std::int64_t there = stream.rows() - stream.outside();
  if (!stream.from_lines() && rows_ > there)
    throw Error(Status::usage, updates_path() + " is damaged: its updates took " + std::to_string(rows_) + " rows, and " +
                                   stream.name() + " has " + std::to_string(there) + " in the domain" + anew);
  if (at == text.size()) return;
  std::error_code trouble;
  fs::resize_file(updates_path(), at, trouble);
  if (trouble) fail_to_write(updates_path(), trouble.value());
}

void AdaptedRun::write(const AdaptUpdate& update, const Assembly& assembly, const std::vector<double>& parameters) {
  const Json line{{"update", update.number},
                  {"rows", update.rows},
                  {"error", number(update.error)},
                  {"validation_before", number(update.validation_before)},
                  {"validation", number(update.validation)},
                  {"worst_statement", update.worst_statement},
                  {"worst_change", number(update.worst_change)},
                  {"kept", update.kept},
                  {"taken_back", update.taken_back},
                  {"drift", number(update.drift)},
                  {"drifts", update.drifts},
                  {"seconds", update.seconds}};
  append_text_file(updates_path(), line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  // What counts is the network, which comes behind its line.
  write_network_file(network(), *assembly.problem, assembly.network, parameters.data(), update.number);
  rows_ += update.rows;
  taken_back_ += update.kept ? 0 : 1;
  errors_.push_back(update.error);
  seconds_.push_back(update.seconds);
  ++made_;
}

double AdaptedRun::median_seconds() const {
  std::vector<double> seconds = seconds_;
  std::sort(seconds.begin(), seconds.end());
  return seconds.empty() ? 0 : seconds[seconds.size() / 2];
}

double AdaptedRun::largest_seconds() const {
  return seconds_.empty() ? 0 : *std::max_element(seconds_.begin(), seconds_.end());
}

void AdaptedRun::write_summary(const char* status, const char* stopped_by, const MeasurementStream& stream) const {
  Json summary{{"status", status},          {"stopped_by", stopped_by},         {"steps", errors_.size()}, {"rows", rows_},
               {"taken_back", taken_back_}, {"rows_outside", stream.outside()}, {"version", version}};
  if (!seconds_.empty()) summary["latency_s"] = {{"median", median_seconds()}, {"largest", largest_seconds()}};
  write_text_file(folder_ + "/summary.json", summary.dump(2) + "\n");
}

void AdaptedRun::tell() const {
  std::printf("%s: %zu updates of %lld rows, %lld taken back; median %.3g s, largest %.3g s\n", folder_.c_str(),
              errors_.size(), static_cast<long long>(rows_), static_cast<long long>(taken_back_), median_seconds(),
              largest_seconds());
}

void AdaptedRun::finish(bool stopped, const MeasurementStream& stream) const {
  write_summary(stopped ? "stopped" : "completed", stopped ? "signal" : "steps", stream);
  if (made_ > 0) tell();
  if (stopped && stream.from_lines())
    std::printf("%s: stopped behind line %lld of standard input; the same command goes on with what it is given\n",
                folder_.c_str(), static_cast<long long>(stream.lines()));
  else if (stopped)
    std::printf("%s: stopped; the same command goes on\n", folder_.c_str());
  else if (made_ == 0)
    std::printf("%s: no further measurements after %zu updates\n", folder_.c_str(), errors_.size());
  std::fflush(stdout);
}

void AdaptedRun::finish_failed(const Error& error, const MeasurementStream& stream) const noexcept {
  const Status status = error.status();
  const char* reason = status == Status::usage       ? "measurements"
                       : status == Status::numerical ? "not finite"
                       : status == Status::storage   ? "storage"
                                                     : "communication";
  try {
    write_summary("failed", reason, stream);
    if (made_ > 0) tell();
    std::fflush(stdout);
  } catch (const std::exception&) {
    // The error itself is on its way to the user; a summary that cannot be written must not hide it.
  }
}

}  // namespace jetpinn
