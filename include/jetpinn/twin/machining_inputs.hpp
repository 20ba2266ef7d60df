// The inputs of the machining twin: shoulder milling with a carbide tool, under conditions that a tool keeps for its life.
#pragma once

#include <array>

namespace jetpinn {

struct MachiningInputs {
  double t = 0;               // min
  double cutting_speed = 0;   // m/min
  double feed_per_tooth = 0;  // mm
  double axial_depth = 0;     // mm
  double radial_depth = 0;    // mm
  double tool_diameter = 0;   // mm
  double teeth = 0;           // 1
  double rake_angle = 0;      // degree
  double edge_radius = 0;     // um
  double hardness = 0;        // HB
  double cutting_force = 0;   // N/mm^2
  double size_exponent = 0;   // 1
  double conductivity = 0;    // W/(m K)
  double coolant_flow = 0;    // l/min
  double overhang = 0;        // mm
};

// A column of the table: its name, what it is, and the range that it is drawn from.
struct MachiningColumn {
  const char* name;
  const char* unit;
  double low, high;
  bool whole;  // takes whole numbers alone
  double MachiningInputs::*value;
  const char* description;
};

inline constexpr std::array<MachiningColumn, 15> machining_inputs{{
    {"t", "min", 0, 60, false, &MachiningInputs::t, "cutting time since the tool was new"},
    {"cutting_speed", "m/min", 120, 240, false, &MachiningInputs::cutting_speed, "speed of the cutting edge"},
    {"feed_per_tooth", "mm", 0.08, 0.2, false, &MachiningInputs::feed_per_tooth, "feed between two teeth"},
    {"axial_depth", "mm", 1, 3, false, &MachiningInputs::axial_depth, "depth of cut along the axis of the tool"},
    {"radial_depth", "mm", 3, 9, false, &MachiningInputs::radial_depth, "width of cut across the axis of the tool"},
    {"tool_diameter", "mm", 16, 32, false, &MachiningInputs::tool_diameter, "diameter of the tool"},
    {"teeth", "1", 2, 5, true, &MachiningInputs::teeth, "number of teeth"},
    {"rake_angle", "degree", -5, 15, false, &MachiningInputs::rake_angle, "rake angle of the tool"},
    {"edge_radius", "um", 5, 30, false, &MachiningInputs::edge_radius, "radius of the cutting edge"},
    {"hardness", "HB", 160, 340, false, &MachiningInputs::hardness, "Brinell hardness of the workpiece"},
    {"cutting_force", "N/mm^2", 1400, 2200, false, &MachiningInputs::cutting_force,
     "Kienzle's specific cutting force of the workpiece at a chip of 1 mm, kc1.1"},
    {"size_exponent", "1", 0.2, 0.3, false, &MachiningInputs::size_exponent, "Kienzle's exponent of the workpiece, mc"},
    {"conductivity", "W/(m K)", 20, 50, false, &MachiningInputs::conductivity, "thermal conductivity of the workpiece"},
    {"coolant_flow", "l/min", 0, 20, false, &MachiningInputs::coolant_flow, "flow of coolant, 0: dry"},
    {"overhang", "mm", 40, 100, false, &MachiningInputs::overhang, "length of tool and holder that grows"},
}};

}  // namespace jetpinn
