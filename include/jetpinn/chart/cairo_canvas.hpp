// Pictures as PNG, by Cairo.
#pragma once

#include "jetpinn/chart/canvas.hpp"

#include <functional>
#include <string>

namespace jetpinn {

bool png_available();   // built with Cairo

// The bytes of a PNG file with twice as many pixels a side as the picture has points; "" without Cairo.
std::string draw_png(double width, double height, const std::function<void(Canvas&)>& draw);

}  // namespace jetpinn
