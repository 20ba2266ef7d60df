#include "jetpinn/twin/machining_model.hpp"

#include "jetpinn/sampling/sobol.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// The middle of every range, which has round numbers for some of the formulas.
MachiningInputs middle() {
  MachiningInputs cut;
  for (const MachiningColumn& column : machining_inputs) cut.*column.value = 0.5 * (column.low + column.high);
  return cut;
}

// Conditions all over the ranges.
template <class Look>
void at_conditions(const Look& look) {
  std::array<double, machining_inputs.size()> fractions{};
  Sobol sequence({7, 0, 0}, 0, static_cast<int>(fractions.size()));
  for (std::uint64_t i = 0; i < 500; ++i) {
    sequence.point(i, 0, fractions.data());
    MachiningInputs cut;
    for (std::size_t d = 0; d < fractions.size(); ++d)
      cut.*machining_inputs[d].value =
          machining_inputs[d].low + fractions[d] * (machining_inputs[d].high - machining_inputs[d].low);
    look(cut);
  }
}

// d(log value)/d(log input) by a central difference.
template <class Value>
double exponent(MachiningInputs cut, double MachiningInputs::*input, const Value& value) {
  const double step = 1e-5, at = cut.*input;
  cut.*input = at * (1 + step);
  const double above = value(cut);
  cut.*input = at * (1 - step);
  return (std::log(above) - std::log(value(cut))) / (2 * step);
}

TEST(MachiningModel, EnergyHasTheSizeEffect) {
  // Kienzle: without ploughing the energy falls with the chip as h^-mc, with the feed as h falls with it.
  MachiningInputs cut = middle();
  cut.edge_radius = 0;
  cut.rake_angle = 6;
  EXPECT_NEAR(exponent(cut, &MachiningInputs::feed_per_tooth, specific_energy), -cut.size_exponent, 1e-8);
  EXPECT_NEAR(exponent(cut, &MachiningInputs::radial_depth, specific_energy), -cut.size_exponent / 2, 1e-8);
  // At a chip of 1 mm it is kc1.1 in J/mm^3.
  cut.radial_depth = cut.tool_diameter;
  cut.feed_per_tooth = 1;
  EXPECT_NEAR(specific_energy(cut), cut.cutting_force * 1e-3, 10 * epsilon * cut.cutting_force * 1e-3);
  // A blunt edge ploughs: the more the thinner the chip.
  cut.edge_radius = 20;
  EXPECT_NEAR(specific_energy(cut), cut.cutting_force * 1e-3 * (1 + 0.3 * 0.02), 1e-12);
}

TEST(MachiningModel, RemovalRateIsDepthsTimesFeedRate) {
  MachiningInputs cut = middle();
  cut.cutting_speed = 3.14159265358979323846 * cut.tool_diameter;  // 1000 turns a minute
  EXPECT_NEAR(removal_rate(cut), cut.axial_depth * cut.radial_depth * cut.feed_per_tooth * cut.teeth * 1000, 1e-9);
}

TEST(MachiningModel, ThinChipsAndSlowToolsRetainMoreHeat) {
  at_conditions([](const MachiningInputs& cut) {
    EXPECT_GT(retained_share(cut), 0);
    EXPECT_LT(retained_share(cut), 1);
    EXPECT_LT(exponent(cut, &MachiningInputs::cutting_speed, retained_share), 0);
    EXPECT_GT(exponent(cut, &MachiningInputs::conductivity, retained_share), 0);
  });
}

TEST(MachiningModel, LifeFollowsTaylor) {
  at_conditions([](const MachiningInputs& cut) {
    EXPECT_NEAR(exponent(cut, &MachiningInputs::cutting_speed, tool_life), -1 / 0.3, 1e-6);
    EXPECT_NEAR(exponent(cut, &MachiningInputs::axial_depth, tool_life), -0.3, 1e-6);
    EXPECT_LT(exponent(cut, &MachiningInputs::feed_per_tooth, tool_life), 0);
  });
}

TEST(MachiningModel, WearHasThreeStages) {
  EXPECT_EQ(flank_wear(0.0), 0);
  EXPECT_NEAR(flank_wear(1.0), 0.3, 2e-6);  // less what break-in still lacks: 0.06 exp(-12.5)
  const auto rate = [](double s) { return (flank_wear(s + 1e-4) - flank_wear(s)) / 1e-4; };
  EXPECT_GT(rate(0.01), 3 * rate(0.5));                 // break-in
  EXPECT_NEAR(rate(0.5), rate(0.4), 0.25 * rate(0.5));  // steady
  EXPECT_GT(rate(1.2), 1.8 * rate(0.5));                // accelerated
  for (double s = 0; s < 1.5; s += 0.01) EXPECT_GT(rate(s), 0) << s;
}

TEST(MachiningModel, WearGrowsAlongTheCuttingEnergy) {
  // The direction in which the power energy x removal rate rises fastest, in logarithms of speed, feed and depth.
  at_conditions([](const MachiningInputs& cut) {
    const auto power = [](const MachiningInputs& at) { return specific_energy(at) * removal_rate(at); };
    double along = 0;
    for (const auto input :
         {&MachiningInputs::cutting_speed, &MachiningInputs::feed_per_tooth, &MachiningInputs::axial_depth})
      along += exponent(cut, input, power) * -exponent(cut, input, tool_life);
    EXPECT_GT(along, 0);
  });
}

TEST(MachiningModel, GrowthKeepsTheEnergyBalance) {
  at_conditions([](const MachiningInputs& cut) {
    const double step = 1e-4;
    MachiningInputs later = cut;
    later.t += step;
    const double growth = thermal_displacement(cut), rate = (thermal_displacement(later) - growth) / step;
    EXPECT_GE(growth, 0);
    EXPECT_LE(growth, fastest_growth(cut) * cut.t * (1 + 4 * epsilon));  // no more than all heat stored
    EXPECT_GE(rate, 0);
    EXPECT_LE(rate, fastest_growth(cut) * (1 + 1e-9));
    // C dT/dt = heat - H T: rate = fastest - growth / time constant.
    EXPECT_NEAR(rate, fastest_growth(cut) - growth / time_constant(cut), 1e-3 * fastest_growth(cut));
  });
}

TEST(MachiningModel, GrowthScalesWithTheRemovalRate) {
  at_conditions([](MachiningInputs cut) {
    const double growth = thermal_displacement(cut);
    cut.axial_depth *= 2;
    EXPECT_NEAR(thermal_displacement(cut), 2 * growth, 10 * epsilon * growth);
  });
}

}  // namespace
}  // namespace jetpinn
