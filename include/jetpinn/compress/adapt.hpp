// A trained network follows new measurements, update by update. An update takes some rows (places, and fields measured
// there):
//
//   1. the network predicts them: their error before anything is learned is what drift is judged by;
//   2. Adam takes some steps on   mean over rows of ((u - measured) / size of u)^2  +  the problem's own loss
//                                 + elastic / 2 |theta - theta_0|^2,
//      rows: the new ones and a sample of earlier ones; theta_0: the network as it was trained (elastic weights with equal
//      importance, after Kirkpatrick and others, 2017);
//   3. every fifth row is never trained on; where the error on those that were kept of them grows by more than is allowed,
//      or a statement of the problem is met worse than by theta_0 by more than that (train/physics.hpp: the change of its
//      mean residual, in the units in which it is written), the update is taken back; so is one in which no step could be
//      taken.
//
// Weights of matrices that are 0 stay 0. The same bits on any number of ranks.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/compress/adapt_options.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/physics.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Rows of measurements, replicated.
struct MeasuredRows {
  std::vector<std::vector<double>> coordinates;  // [dimensions][rows]
  std::vector<std::vector<double>> fields;       // [measured fields][rows]
  std::int64_t count() const { return coordinates.empty() ? 0 : static_cast<std::int64_t>(coordinates[0].size()); }
  void add(const MeasuredRows& from, std::int64_t row);
};

struct AdaptUpdate {
  std::int64_t number = 0, rows = 0;             // from 1; of the update
  double error = 0;                              // of its rows, before it learned them: root mean square over sizes
  double validation_before = 0, validation = 0;  // of the rows that are kept and never trained on; 0: there are none yet
  std::string worst_statement;                   // of the problem's, and its physics_change since the beginning
  double worst_change = 0;
  bool kept = true;
  std::string taken_back;  // why
  double drift = 1;        // mean error of the last updates over that of the first
  bool drifts = false;
  double seconds = 0;
};

class Adapter {
 public:
  static constexpr int window = 4;           // updates over which errors are averaged for drift
  static constexpr double drift_factor = 2;  // of the mean error, beyond which a network is said to drift

  // measured: numbers of the fields. Collective. Communicator and assembly outlive it; the assembly's graph grows.
  Adapter(Communicator& communicator, Assembly& assembly, EngineOptions engine, std::vector<double> parameters,
          std::vector<int> measured, const AdaptOptions& options);

  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  // Rows in front of the first one whose error is more than the sums of a step hold, or no number: such a row, once it is
  // remembered, would stand in the way of every later step. Collective, alike on every rank.
  std::int64_t learnable(const MeasuredRows& rows);
  static double largest_error();                 // (u - measured) / size of one that is learnable
  AdaptUpdate update(const MeasuredRows& rows);  // collective; rows alike on every rank, and learnable
  // Goes on behind updates, as if this had made them: it remembers their rows, in order and cut anywhere, then resumes.
  // errors: [updates]
  void remember(const MeasuredRows& rows);
  void resume(std::vector<double> parameters, std::vector<double> errors);
  const std::vector<double>& parameters() const { return parameters_; }
  const std::vector<double>& sizes() const { return sizes_; }  // [measured] that errors are divided by

 private:
  class Elastic;

  EngineTerm data_term();
  TermPoints points_of(const MeasuredRows& rows) const;
  std::vector<double> squares_of(const MeasuredRows& rows);
  double error_of(const MeasuredRows& rows);
  void judge_drift(AdaptUpdate& update);
  void judge(const std::vector<double>& before, bool stepped, AdaptUpdate& update);

  Communicator& communicator_;
  Assembly& assembly_;
  AdaptOptions options_;
  std::vector<int> measured_;
  std::vector<double> start_, parameters_;  // replicated
  std::vector<double> sizes_;
  std::unique_ptr<PhysicsPoints> points_;
  std::unique_ptr<StatementEvaluator> statements_;  // at parameters_
  std::vector<StatementSizes> statement_sizes_;     // [terms] at the start
  std::vector<StatementMeasure> first_statements_;  // [terms] at the start
  std::unique_ptr<Engine> engine_;                  // the problem's terms, then the measurements
  PointSet trained_;                                // of the problem's terms, rank-local
  MeasuredRows replay_, validation_;
  std::int64_t seen_ = 0, offered_ = 0, updates_ = 0;  // rows; rows to train on; updates
  std::vector<double> errors_;                         // [updates]
};

}  // namespace jetpinn
