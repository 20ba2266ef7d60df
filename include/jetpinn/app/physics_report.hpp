// What `evaluate --physics` finds: how well each statement is met, alone or before and after a change.
#pragma once

#include "jetpinn/train/physics.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct PhysicsReport {
  struct Statement {
    StatementMeasure after;
    std::optional<StatementMeasure> before;  // of the run that it is compared with; none: it is not compared
    std::string not_compared;                // why, where there is such a run
  };
  std::vector<Statement> statements;
  std::string against;  // the folder of that run; empty: there is none
  double allowed = 0;
};

std::string physics_table(const PhysicsReport& report);

// The members `physics` and, of two runs, `against` of evaluation.json.
nlohmann::ordered_json physics_document(const PhysicsReport& report);

// "the statements of a have changed by more than 10 % against b: walls (+35 %)"; empty: they have not.
std::string physics_trouble(const PhysicsReport& report, const std::string& run);

}  // namespace jetpinn
