#include "jetpinn/train/run_summary.hpp"

#include "jetpinn/io/atomic_file.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <system_error>

namespace jetpinn {

using Json = nlohmann::ordered_json;

namespace {

Json recompute_document(const std::optional<RecomputeFacts>& facts) {
  if (!facts) return nullptr;
  Json segments = Json::array();
  for (const RecomputeFacts::Segment& segment : facts->segments) segments.push_back({segment.first, segment.last});
  return {{"segments", segments},
          {"hidden_layers", facts->hidden_layers},
          {"channels_bytes", facts->channels},
          {"channels_bytes_if_kept", facts->channels_kept},
          {"more_work", facts->more_work}};
}

}  // namespace

std::string summary_text(const RunSummary& summary) {
  Json terms = Json::object(), shares = Json::object(), errors = Json::object(), stages = Json::array(),
       warnings = Json::array(), streams = Json::object(), monitors = Json::object(), trained = Json::object(),
       validation = Json::object();
  // A run that failed before its first step has no losses yet.
  for (std::size_t t = 0; t < summary.terms.size(); ++t) terms[summary.term_names[t]] = summary.terms[t];
  for (std::size_t t = 0; t < summary.shares.size(); ++t) shares[summary.term_names[t]] = summary.shares[t];
  for (const StageEnd& stage : summary.stages)
    stages.push_back(
        {{"optimizer", stage.optimizer}, {"steps", stage.steps}, {"loss", stage.loss}, {"reason", stage.reason}});
  for (const FieldError& error : summary.errors)
    errors[error.field] = {{"rel_l2", error.rel_l2}, {"max_abs", error.max_abs}};
  for (const MonitorValue& monitor : summary.monitors) monitors[monitor.name] = monitor.value;
  for (const TrainedValue& number : summary.trained)  // an error that is not known becomes null
    trained[number.name] = {{"value", number.value}, {"standard_error", number.standard_error}};
  for (const ValidationError& error : summary.validation) validation[error.term] = error.rms;
  for (const Warning& warning : summary.warnings) warnings.push_back(warning.text);
  for (const StreamedRows& stream : summary.streams)
    streams[stream.term] = {{"rows", stream.all},
                            {"epoch", stream.epoch},
                            {"rows_of_epoch", stream.of_epoch},
                            {"rows_of_last_epoch", stream.of_last_epoch},
                            {"row_sum_of_last_epoch", stream.row_sum_of_last_epoch},
                            {"wait_s", stream.wait_s},
                            {"read_bytes", stream.read_bytes}};
  Json document = {{"status", summary.status},
                   {"steps", summary.steps},
                   {"wall_s", summary.wall_s},
                   {"ranks", summary.ranks},
                   {"device", summary.device},
                   {"engine", summary.engine},
                   {"parameters", summary.parameters},
                   {"points", summary.points},
                   {"points_seen", summary.points_seen},
                   {"points_per_s", summary.points_per_s},
                   {"recompute", recompute_document(summary.recompute)},
                   {"loss", summary.loss},
                   {"loss_independent", summary.loss_independent},
                   {"terms", terms},
                   {"shares", shares},
                   {"warnings", warnings},
                   {"error", errors},
                   {"validation", validation},
                   {"held_out", held_out_document(summary.held_out)},
                   {"monitors", monitors},
                   {"trainable", trained},
                   {"stages", stages},
                   {"streams", streams},
                   {"stopped_by", summary.stopped_by},
                   {"kept_step", summary.kept_step < 0 ? summary.steps : summary.kept_step},
                   {"peak_memory_mib", summary.peak_memory_mib},
                   {"product_share", summary.product_share},
                   {"utilisation", summary.utilisation},
                   {"memory_efficiency", summary.memory_efficiency},
                   {"joules", summary.joules < 0 ? Json(nullptr) : Json(summary.joules)},
                   {"checkpoints", summary.checkpoints},
                   {"checkpoint_share", summary.checkpoint_share},
                   {"skipped_steps", summary.skipped_steps},
                   {"parameter_hash", summary.parameter_hash},
                   {"version", summary.version}};
  for (const auto& [name, value] : summary.classification) document["classification"][name] = value;
  if (summary.gate) {
    const GateTotals& gate = *summary.gate;
    document["gate"] = {{"target", gate.target},         {"activation", gate.activation()}, {"saved", 1 - gate.activation()},
                        {"candidates", gate.candidates}, {"trained", gate.trained},         {"scored", gate.scored}};
  }
  if (summary.gate || summary.joules_modelled >= 0)
    document["joules_modelled"] = summary.joules_modelled < 0 ? Json(nullptr) : Json(summary.joules_modelled);
  if (summary.dealing) document["dealing"] = {{"dealings", summary.dealing->dealings}, {"work", summary.dealing->work}};
  if (summary.graphs) document["graphs"] = graphs_document(*summary.graphs);
  if (!summary.rank_cards.empty()) document["cards"] = summary.rank_cards;
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void SummaryFile::finished(const RunSummary& summary) {
  write_text_file(run_directory_ + "/summary.json", summary_text(summary));
}

void retire_summary(const std::string& run_directory) {
  std::error_code trouble;   // there may be none
  std::filesystem::rename(run_directory + "/summary.json", run_directory + "/summary.before.json", trouble);
}

std::string parameter_hash(const std::vector<double>& parameters) {
  return fmt::format("{:016x}", XXH3_64bits(parameters.data(), parameters.size() * sizeof(double)));
}

}  // namespace jetpinn
