// Addresses on a device whose kind only the owner of the memory knows: how vectors over parameters are handed on.
#pragma once

#include "jetpinn/base/space.hpp"

namespace jetpinn {

struct AnyDevice {
  static constexpr bool host = false;
};
using DeviceVector = DevicePointer<double, AnyDevice>;
using ConstDeviceVector = DevicePointer<const double, AnyDevice>;

}  // namespace jetpinn
