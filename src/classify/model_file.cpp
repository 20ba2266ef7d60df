#include "jetpinn/classify/model_file.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/io/hdf5.hpp"

namespace jetpinn {

void write_model_file(const std::string& path, const ModelOptions& model, const ChannelScales& scales,
                      const std::vector<double>& parameters, std::int64_t step) {
  hdf5::OutputFile file(path);
  for (const ModelBlock& block : blocks_of(model)) file.write(block.name, block.shape, parameters.data() + block.begin);
  file.write("scales/mean", {model.shape.channels}, scales.mean.data());
  file.write("scales/deviation", {model.shape.channels}, scales.deviation.data());
  file.attribute("/", "program", std::string("jetpinn ") + version);
  file.attribute("/", "model", model.kind);
  file.attribute("/", "classes", static_cast<double>(model.classes));
  file.attribute("/", "shape", std::vector<std::int64_t>{model.shape.channels, model.shape.height, model.shape.width});
  file.attribute("/", "step", static_cast<double>(step));
  file.commit();
}

}  // namespace jetpinn
