// The layer `linear` on rows kept in bf16: the one kind whose products are made in bf16 itself.
#pragma once

#include "jetpinn/layer/jet_layer.hpp"

#include <memory>

namespace jetpinn {

std::unique_ptr<JetLayer<HostBf16>> make_bf16_linear(const LayerSetting<HostBf16>& setting);

}  // namespace jetpinn
