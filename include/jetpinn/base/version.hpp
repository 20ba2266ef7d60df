#pragma once

namespace jetpinn {

/// The version of this program; CMake reads it from here.
inline constexpr const char* version = "0.1.0";

}  // namespace jetpinn
