// What tests on a card begin with.
#pragma once

#include "jetpinn/runtime/device_choice.hpp"

#include "support/not_run.hpp"

// Ends a test where there is no card, saying why not.
#define JETPINN_NEEDS_A_CARD()                                                      \
  do {                                                                              \
    const std::string obstacle = ::jetpinn::cuda_obstacle(::jetpinn::cuda_facts()); \
    if (!obstacle.empty()) JETPINN_NOT_RUN(("no GPU: " + obstacle).c_str());        \
    ::jetpinn::use_card(0);                                                         \
  } while (false)
