// The largest error of a comparison, as the program itself keeps it.
#pragma once

#include "jetpinn/base/worst.hpp"

namespace jetpinn::test {

using jetpinn::Worst;

}  // namespace jetpinn::test
