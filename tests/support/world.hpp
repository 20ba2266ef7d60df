// The communicator of a test program: one for all of its tests, as the program has one for all of its commands.
#pragma once

#include "jetpinn/comm/communicator.hpp"

namespace jetpinn::test {

inline Communicator& world() {
  static Communicator the_world;
  return the_world;
}

}  // namespace jetpinn::test
