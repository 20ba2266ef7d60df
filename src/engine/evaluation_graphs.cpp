#include "jetpinn/engine/evaluation_graphs.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace jetpinn {

void EvaluationKey::add(const TermPoints& points) {
  add(static_cast<const void*>(&points));
  for (const std::vector<double>* column : {&points.coordinates, &points.second, &points.data, &points.attributes})
    add(static_cast<const void*>(column->data()));
  for (const std::int64_t count :
       {points.global_count, points.local_count, std::int64_t{points.dimensions}, std::int64_t{points.weighted_columns()},
        std::int64_t{points.quadrature_columns}, std::int64_t{points.data_columns}, std::int64_t{points.attribute_columns}})
    add(count);
  for (const Block& block : points.blocks) add(block.count);
}

void EvaluationGraphs::run(Stream stream, const Evaluation& evaluation) {
  if (!on_) return sweep_eagerly(evaluation, "run.graphs is false");
  if (!evaluation.obstacle.empty()) return sweep_eagerly(evaluation, evaluation.obstacle);
  DeviceQueue& queue = queue_of(stream);
  Known* const known = find(evaluation.key());
  if (!known) return remember(queue, evaluation);
  if (!known->refused.empty()) return sweep_eagerly(evaluation, known->refused);
  if (!known->graph) return record(queue, evaluation, *known);
  known->graph->replay();
  known->replayed();
  ++counts_.replayed;
}

void EvaluationGraphs::sweep_eagerly(const Evaluation& evaluation, const std::string& reason) {
  evaluation.sweep();
  ++counts_.eager;
  counts_.reason = reason;
}

EvaluationGraphs::Known* EvaluationGraphs::find(const EvaluationKey& key) {
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& known) { return known.key == key; });
  if (found == known_.end()) return nullptr;
  std::rotate(found, found + 1, known_.end());
  return &known_.back();
}

// The first time is no recording: buffers are made in it, libraries load their kernels and choose among them, and nothing of
// that can be recorded. What it copies says how much pinned memory a recording takes.
void EvaluationGraphs::remember(DeviceQueue& queue, const Evaluation& evaluation) {
  const std::int64_t bytes = queue.copied.to_device, pieces = queue.given();
  evaluation.sweep();
  ++counts_.eager;
  Known known;
  known.key = evaluation.key();  // with the buffers that it made
  known.staged = queue.copied.to_device - bytes + DeviceQueue::staged_alignment * (queue.given() - pieces);
  if (known.staged > most_staged) counts_.reason = known.refused = "its points take more than 64 MiB";
  if (known_.size() == most_known) known_.erase(known_.begin());
  known_.push_back(std::move(known));
}

// Where it comes to nothing the evaluation is given kernel by kernel, from now on: what is wrong with it, if anything is,
// comes out there.
void EvaluationGraphs::record(DeviceQueue& queue, const Evaluation& evaluation, Known& known) {
  try {
    queue.begin_recording(known.staged);
    evaluation.sweep();
    known.graph = queue.end_recording();
  } catch (const std::exception& trouble) {
    queue.drop_recording();
    evaluation.undo();
    known.refused = trouble.what();
    return sweep_eagerly(evaluation, known.refused);
  }
  known.replayed = evaluation.replayed();
  known.graph->replay();
  ++counts_.captured;
}

}  // namespace jetpinn
