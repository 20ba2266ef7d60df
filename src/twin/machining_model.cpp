#include "jetpinn/twin/machining_model.hpp"

#include <cmath>
#include <numbers>

namespace jetpinn {
namespace {

constexpr double um_of_mm = 1e3, seconds = 60;  // of a minute
constexpr double radian = std::numbers::pi / 180;

constexpr double friction_angle = 35 * radian;  // between chip and rake face
constexpr double volumetric_heat = 3.7;         // of steel, J/(cm^3 K)
constexpr double tool_part = 0.2;               // of the retained heat that flows into the tool
constexpr double heat_capacity = 2000;          // of tool and holder, J/K
constexpr double expansion = 11.5e-3;           // of tool and holder, um/(mm K)

// W/K: to the machine and the air, and to the coolant (Dittus and Boelter 1930: the flow's power 0.8).
double heat_loss(const MachiningInputs& cut) { return 3 + 0.5 * std::pow(cut.coolant_flow, 0.8); }

// Merchant 1945: the shear angle of the least power, and the strain that follows from it.
double shear_strain(const MachiningInputs& cut) {
  const double rake = cut.rake_angle * radian;
  const double shear_angle = std::numbers::pi / 4 - (friction_angle - rake) / 2;
  return 1 / std::tan(shear_angle) + std::tan(shear_angle - rake);
}

}  // namespace

double chip_thickness(const MachiningInputs& cut) {
  return cut.feed_per_tooth * std::sqrt(cut.radial_depth / cut.tool_diameter);
}

double specific_energy(const MachiningInputs& cut) {
  constexpr double joules = 1e-3;  // of 1 N/mm^2 in a mm^3
  const double h = chip_thickness(cut);
  const double shear = std::pow(h, -cut.size_exponent) * (1 - (cut.rake_angle - 6) / 66.7);
  const double ploughing = 0.3 * cut.edge_radius / um_of_mm / h;
  return joules * cut.cutting_force * (shear + ploughing);
}

double removal_rate(const MachiningInputs& cut) {
  const double turns = 1000 * cut.cutting_speed / (std::numbers::pi * cut.tool_diameter);  // 1/min
  return cut.axial_depth * cut.radial_depth * cut.feed_per_tooth * cut.teeth * turns;
}

double retained_share(const MachiningInputs& cut) {
  const double diffusivity = cut.conductivity / volumetric_heat;  // mm^2/s
  const double speed = cut.cutting_speed * um_of_mm / seconds;    // mm/s
  const double number = diffusivity * shear_strain(cut) / (speed * chip_thickness(cut));
  return 1 - 1 / (1 + 1.328 * std::sqrt(number));
}

double heat_into_tool(const MachiningInputs& cut) {
  return tool_part * retained_share(cut) * specific_energy(cut) * removal_rate(cut) / seconds;
}

double tool_life(const MachiningInputs& cut) {
  const double engagement = cut.radial_depth / cut.tool_diameter;
  const double taylor = std::pow(cut.cutting_speed / 175, -1 / 0.3) * std::pow(cut.feed_per_tooth / 0.14, -0.8) *
                        std::pow(cut.axial_depth / 2, -0.3) * std::pow(engagement / 0.3, -0.3) * (250 / cut.hardness);
  const double pressure = std::pow(specific_energy(cut) / 3.5, -0.5);
  const double cooling = (1 + 0.5 * cut.coolant_flow / (cut.coolant_flow + 5)) / 1.3;
  return 40 * taylor * pressure * cooling;
}

double flank_wear(double life_share) {
  constexpr double at_end_of_life = 0.3;  // mm, ISO 8688-2
  const double s = life_share, break_in = 1 - std::exp(-s / 0.08), accelerated = s * s * s * s;
  return at_end_of_life * (0.2 * break_in + 0.6 * s + 0.2 * accelerated);
}

double time_constant(const MachiningInputs& cut) { return heat_capacity / heat_loss(cut) / seconds; }

double fastest_growth(const MachiningInputs& cut) {
  return expansion * cut.overhang * heat_into_tool(cut) * seconds / heat_capacity;
}

double thermal_displacement(double t, double fastest_growth, double time_constant) {
  const double steady = fastest_growth * time_constant;  // um: all heat given off
  return steady * (1 - std::exp(-t / time_constant));
}

}  // namespace jetpinn
