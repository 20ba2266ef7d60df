#include "jetpinn/config/pruned_config.hpp"

#include "jetpinn/config/edit_document.hpp"

#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

Value list_of(const std::vector<std::int64_t>& numbers) {
  Value list;
  list.kind = Value::Kind::list;
  for (const std::int64_t number : numbers) list.items.push_back(integer_value(number));
  return list;
}

bool has_entries(const Value* table) { return table && !table->entries.empty(); }

// Of the first stage that names some in a table of its own.
const Value* batches_of(const Value& stages) {
  for (const Value& stage : stages.items)
    if (has_entries(stage.find("batch"))) return stage.find("batch");
  return nullptr;
}

Value stage_value(const Value& stages, std::size_t last, const FineTuning& tuning, bool searches) {
  Value stage;
  const auto take = [&](const char* key, const Value* from) {
    if (from) stage.insert(key, *from);
  };
  stage.insert("optimizer", text_value(tuning.optimizer));
  stage.insert("steps", integer_value(tuning.steps));
  for (const char* key : {"constants", "weights", "sampling"}) take(key, stages.items[last].find(key));
  if (searches) return stage;
  Value rate;
  rate.insert("schedule", text_value("cosine"));
  rate.insert("start", number_value(tuning.learning_rate));
  rate.insert("end", number_value(tuning.learning_rate / 100));
  stage.insert("learning_rate", std::move(rate));
  take("batch", batches_of(stages));
  return stage;
}

}  // namespace

Config pruned_config(const Config& whole, const std::vector<std::vector<std::int64_t>>& hidden, const FineTuning& tuning,
                     const std::string& start_from, const std::string& path) {
  Value root = parse_document(whole.resolved, path);
  if (Value* networks = root.find("networks"); networks && !networks->items.empty())
    for (std::size_t n = 0; n < hidden.size(); ++n) set(networks->items[n], "hidden", list_of(hidden[n]));
  else
    set(*root.find("network"), "hidden", list_of(hidden[0]));
  Value& training = *root.find("training");
  OptimizerOptions optimizer;
  optimizer.kind = tuning.optimizer;
  Value stages;
  stages.kind = Value::Kind::list;
  stages.items.push_back(
      stage_value(*training.find("stages"), whole.training.trained_stages().back(), tuning, optimizer.searches()));
  set(training, "stages", std::move(stages));
  set(*root.find("training"), "start_from", text_value(start_from));
  Config config = parse_config(write_document(root), path, {});
  Value resolved = parse_document(config.resolved, path);
  resolved.find("training")->find("start_from")->place.text = start_from;
  config.resolved = write_document(resolved);
  return config;
}

double first_learning_rate(const Config& config) {
  for (const StageOptions& stage : config.training.stages)
    if (stage.steps > 0 && !stage.optimizer.searches()) return stage.optimizer.learning_rate.start;
  return 0;
}

}  // namespace jetpinn
