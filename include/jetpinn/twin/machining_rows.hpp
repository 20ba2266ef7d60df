// Rows of the machining twin: conditions of tools, machines that differ, and sensors with noise. A row is a pure function of
// the seed and its number.
#pragma once

#include "jetpinn/sampling/sobol.hpp"
#include "jetpinn/twin/machining_inputs.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

inline constexpr std::int64_t rows_of_a_tool = 16;
inline constexpr std::int64_t machines = 25;

// Standard deviations of the logarithms of a life and of a heat, and those of the sensors.
inline constexpr double life_of_machines = 0.03, life_of_tools = 0.05;
inline constexpr double heat_of_machines = 0.04, heat_of_tools = 0.03;
inline constexpr double wear_noise = 0.016;         // mm
inline constexpr double displacement_noise = 0.96;  // um

struct MachiningRow {
  MachiningInputs cut;
  std::int64_t tool = 0, machine = 0;
  double wear = 0, displacement = 0;            // as sensors measure them on this machine and tool: mm, um
  double true_wear = 0, true_displacement = 0;  // of the inputs alone: the mean machine and tool, without noise
};

// Rows 16 k .. 16 k + 15 belong to tool k. Its conditions are a point of a scrambled Sobol sequence, so that few tools fill
// the ranges too; its times are one in each sixteenth of the time that it is used, which ends after 1.2 expected lives or
// 60 min.
class MachiningRows {
 public:
  explicit MachiningRows(std::uint64_t seed);

  MachiningRow row(std::int64_t number);
  // [count, machining_table().size()]
  std::vector<double> make(std::int64_t first, std::int64_t count);

 private:
  void change_tool(std::int64_t tool);

  std::uint64_t seed_;
  Sobol conditions_;
  // Of the tool at hand: what its conditions give for all of its rows.
  MachiningRow of_tool_;
  double life_ = 0, used_ = 0, time_constant_ = 0;  // min
  double fastest_growth_ = 0;                       // um/min
  double life_factor_ = 1, heat_factor_ = 1;
};

// The columns of the table in their order: the inputs, tool and machine, what was measured, and the truth.
struct DescribedColumn {
  std::string name, unit, description;
  bool ranged = false;  // low and high are the range of an input
  double low = 0, high = 0;
};
std::vector<DescribedColumn> machining_table();

}  // namespace jetpinn
