// Evaluates networks that share the domain among them along a coordinate, as if they were one: each point by the network of
// its window. It trains nothing.
#pragma once

#include "jetpinn/engine/engine.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

// Parameters are those of all windows, one after the other. A point's residuals are the same bits as those of its window's
// own engine over the same points. Points in a window without a network throw Error (usage).
std::unique_ptr<Engine> make_window_engine(const EngineOptions& options, const NetworkWindows& windows,
                                           const std::vector<EngineTerm>& terms);

}  // namespace jetpinn
