// What all pictures have around them: title, labelled axes, a legend.
#pragma once

#include "jetpinn/chart/axis.hpp"
#include "jetpinn/chart/canvas.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// The plot's box in a picture.
struct Frame {
  double width = 760, height = 430;
  double left = 78, right = 560, top = 44, bottom = 366;
  double text_size = 12.5, title_size = 15;
};

void draw_title(Canvas& canvas, const Frame& frame, const std::string& title);
// Ticks with labels and the axes' names. Lines of a grid through the plot at the ticks of an axis where they are wanted.
void draw_x_axis(Canvas& canvas, const Frame& frame, const Axis& x, const std::vector<double>& ticks,
                 const std::string& label, bool grid);
void draw_y_axis(Canvas& canvas, const Frame& frame, const Axis& y, const std::vector<double>& ticks,
                 const std::string& label, bool grid);

}  // namespace jetpinn
