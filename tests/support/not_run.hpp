#pragma once

#include <gtest/gtest.h>

#include <cstdio>

// Ends a test that this machine or build cannot run. tests/run lists the reason at its end; it never counts as passed.
#define JETPINN_NOT_RUN(reason)                                                                                        \
  do {                                                                                                                 \
    std::printf("not run: %s\n", reason);                                                                              \
    GTEST_SKIP();                                                                                                      \
  } while (false)
