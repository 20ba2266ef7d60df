#include "jetpinn/twin/machining_rows.hpp"

#include "jetpinn/twin/machining_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace jetpinn {
namespace {

// What draws are for, as terms of their keys.
enum Purpose : std::uint32_t { conditions, machine_of_tool, variation_of_machine, variation_of_tool, time, noise };

std::array<std::uint64_t, 4> words(std::uint64_t seed, Purpose purpose, std::int64_t index) {
  return random_words({seed, purpose, 0}, Draw::uniform, static_cast<std::uint64_t>(index));
}

// Two independent normal numbers (Box and Muller 1958).
std::array<double, 2> normals(std::uint64_t seed, Purpose purpose, std::int64_t index) {
  const auto word = words(seed, purpose, index);
  const double radius = std::sqrt(-2 * std::log(1 - unit_interval(word[0])));
  const double angle = 2 * std::numbers::pi * unit_interval(word[1]);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

double between(const MachiningColumn& column, double fraction) {
  if (!column.whole) return column.low + fraction * (column.high - column.low);
  return column.low + std::floor(fraction * (column.high - column.low + 1));
}

constexpr const MachiningColumn& time_column = machining_inputs[0];

}  // namespace

// All inputs but the time are conditions.
MachiningRows::MachiningRows(std::uint64_t seed)
    : seed_(seed), conditions_({seed, conditions, 0}, 0, static_cast<int>(machining_inputs.size()) - 1) {
  change_tool(0);
}

void MachiningRows::change_tool(std::int64_t tool) {
  of_tool_.tool = tool;
  std::array<double, machining_inputs.size() - 1> fractions{};
  conditions_.point(static_cast<std::uint64_t>(tool), 0, fractions.data());
  for (std::size_t d = 1; d < machining_inputs.size(); ++d)
    of_tool_.cut.*machining_inputs[d].value = between(machining_inputs[d], fractions[d - 1]);
  life_ = tool_life(of_tool_.cut);
  used_ = std::min(time_column.high, 1.2 * life_);
  fastest_growth_ = fastest_growth(of_tool_.cut);
  time_constant_ = time_constant(of_tool_.cut);

  of_tool_.machine =
      static_cast<std::int64_t>(unit_interval(words(seed_, machine_of_tool, tool)[0]) * static_cast<double>(machines));
  const auto machine = normals(seed_, variation_of_machine, of_tool_.machine);
  const auto own = normals(seed_, variation_of_tool, tool);
  life_factor_ = std::exp(life_of_machines * machine[0] + life_of_tools * own[0]);
  heat_factor_ = std::exp(heat_of_machines * machine[1] + heat_of_tools * own[1]);
}

MachiningRow MachiningRows::row(std::int64_t number) {
  const std::int64_t tool = number / rows_of_a_tool, place = number % rows_of_a_tool;
  if (tool != of_tool_.tool) change_tool(tool);
  MachiningRow row = of_tool_;
  const double within = unit_interval(words(seed_, time, number)[0]);
  row.cut.t = used_ * (static_cast<double>(place) + within) / static_cast<double>(rows_of_a_tool);
  row.true_wear = flank_wear(row.cut.t / life_);
  row.true_displacement = thermal_displacement(row.cut.t, fastest_growth_, time_constant_);
  const auto error = normals(seed_, noise, number);
  row.wear = flank_wear(row.cut.t / (life_ * life_factor_)) + wear_noise * error[0];
  row.displacement = heat_factor_ * row.true_displacement + displacement_noise * error[1];
  return row;
}

std::vector<double> MachiningRows::make(std::int64_t first, std::int64_t count) {
  std::vector<double> values;
  for (std::int64_t i = first; i < first + count; ++i) {
    const MachiningRow made = row(i);
    for (const MachiningColumn& column : machining_inputs) values.push_back(made.cut.*column.value);
    values.insert(values.end(), {static_cast<double>(made.tool), static_cast<double>(made.machine), made.wear,
                                 made.displacement, made.true_wear, made.true_displacement});
  }
  return values;
}

std::vector<DescribedColumn> machining_table() {
  std::vector<DescribedColumn> table;
  for (const MachiningColumn& column : machining_inputs)
    table.push_back({column.name, column.unit, column.description, true, column.low, column.high});
  table.push_back({"tool", "1", "number of the tool that the row belongs to"});
  table.push_back({"machine", "1", "number of the machine that the tool worked on"});
  table.push_back({"VB", "mm", "flank wear, measured"});
  table.push_back({"displacement", "um", "thermal displacement of the tool's tip, measured"});
  table.push_back({"VB_true", "mm", "flank wear of the inputs alone: mean machine and tool, without noise"});
  table.push_back(
      {"displacement_true", "um", "thermal displacement of the inputs alone: mean machine and tool, without noise"});
  return table;
}

}  // namespace jetpinn
