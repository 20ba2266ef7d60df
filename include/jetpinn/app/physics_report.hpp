// What `evaluate --physics` finds: how well each statement is met, alone or before and after a change.
#pragma once

#include "jetpinn/train/physics.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct PhysicsReport {
  std::vector<StatementMeasure> after;
  std::vector<StatementMeasure> before;  // of the run that it is compared with; empty: with none
  std::string against;                   // its folder
  double allowed = 0;
};

// Statements that are worse by more than what is allowed, or no numbers.
std::vector<std::string> worse_statements(const PhysicsReport& report);

std::string physics_table(const PhysicsReport& report);

// The members `physics` and, of two runs, `against` of evaluation.json, as the text of an object.
std::string physics_json(const PhysicsReport& report);

// "the statements of a have changed by more than 10 % against b: walls (+35 %)"; empty: they have not.
std::string physics_trouble(const PhysicsReport& report, const std::string& run);

}  // namespace jetpinn
