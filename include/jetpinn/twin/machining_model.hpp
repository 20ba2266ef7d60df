// The physics of the machining twin, as pure functions of its inputs. docs/machining.md has each formula with its source;
// the config configs/machining.toml writes those of the energy balance once more, as expressions.
#pragma once

#include "jetpinn/twin/machining_inputs.hpp"

namespace jetpinn {

// Kienzle 1952 and the edge's ploughing (Albrecht 1960), at the mean chip thickness h of milling (Martellotti 1941).
double chip_thickness(const MachiningInputs& cut);   // mm: h = fz sqrt(ae/D)
double specific_energy(const MachiningInputs& cut);  // J/mm^3
double removal_rate(const MachiningInputs& cut);     // mm^3/min: Q = ap ae fz z n

// Loewen and Shaw 1954: the share R1 of the heat of the shear zone leaves with the chip.
double retained_share(const MachiningInputs& cut);  // 1 - R1
double heat_into_tool(const MachiningInputs& cut);  // W: a fixed part of energy x removal rate x retained share

// Taylor's extended equation (Taylor 1907) with Archard's pressure on the flank (1953): min until VB = 0.3 mm.
double tool_life(const MachiningInputs& cut);
// Break-in, steady and accelerated wear after the share s of the life, mm; increases with s.
double flank_wear(double life_share);
inline double flank_wear(const MachiningInputs& cut) { return flank_wear(cut.t / tool_life(cut)); }

// First-order growth C dT/dt = heat - H T of tool and holder, from T = 0: um along the axis.
double time_constant(const MachiningInputs& cut);   // min: C/H
double fastest_growth(const MachiningInputs& cut);  // um/min: all heat stored, none given off
double thermal_displacement(double t, double fastest_growth, double time_constant);
inline double thermal_displacement(const MachiningInputs& cut) {
  return thermal_displacement(cut.t, fastest_growth(cut), time_constant(cut));
}

}  // namespace jetpinn
