#include "jetpinn/libtorch/layer_twin.hpp"

#include "jetpinn/layer/layer_kinds.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(LayerTwin, EveryKindOfLayerHasOne) { EXPECT_EQ(layer_twin_names(), layer_kind_names()); }

}  // namespace
}  // namespace jetpinn
