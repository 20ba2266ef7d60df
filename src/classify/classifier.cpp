#include "jetpinn/classify/classifier.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/classify/classify_session.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/runtime/libtorch.hpp"

#include <utility>

namespace jetpinn {
namespace {

std::int64_t bytes_of(const ImageSet& set) {
  return static_cast<std::int64_t>(set.pixels.size() + set.labels.size() * sizeof(std::int32_t));
}

}  // namespace

ModelOptions model_of(const ClassifyOptions& task, const ImageSet& images) {
  return {task.model, images.shape, images.classes, task.precision, task.vit};
}

void set_steps(TrainingOptions& training, const ClassifyOptions& task, std::int64_t images) {
  training.stages.resize(1);
  training.stages[0].steps = task.epochs * ImageBatches(images, task.batch, 0).steps_of_epoch();
}

std::int64_t parameter_bytes(const ClassifyOptions& task, const TrainingOptions& training, const ImageSet& images, int rank,
                             int ranks) {
  const std::int64_t parameters = parameters_of(blocks_of(model_of(task, images))), flat = parameters * sizeof(double);
  const bool exact = training.reproducibility == Reproducibility::ranks;
  const std::int64_t message = DistributedObjective::message_bytes(parameters, image_terms, exact);
  return 4 * flat + message * (ranks > 1 ? 2 : 1) +
         optimizer_bytes(training.stages.at(0).optimizer, ParameterLayout::of_size(parameters), rank, ranks);
}

std::int64_t planned_bytes(const ClassifyOptions& task, const TrainingOptions& training, const ImageData& images, int rank,
                           int ranks) {
  return bytes_of(images.training) + bytes_of(images.validation) +
         parameter_bytes(task, training, images.training, rank, ranks) + libtorch_bytes +
         ImageEngine::images_of_pass * pass_values(model_of(task, images.training)) * 4;
}

TrainResult classify(Communicator& communicator, const ImageData& images, ClassifySetup setup) {
  ClassifySession session(communicator, images, setup);
  session.start();
  end_startup();
  try {
    while (session.goes_on()) {
      set_collective_step(session.step);
      {
        const ProfiledStep profiled(session.profiling);
        session.take_step();
      }
      session.end_epoch_if_due();
      session.save_if_due();
      session.close_profile_if_due();
    }
    return session.finish();
  } catch (const Error& error) {
    session.finish_failed(error);
    throw;
  }
}

}  // namespace jetpinn
