// What the training loop tells those who watch it: logs, metrics, the summary. Observers never change the run.
#pragma once

#include "jetpinn/base/warning.hpp"
#include "jetpinn/engine/graph_counts.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/train/recompute.hpp"
#include "jetpinn/train/stage_ends.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// Of the rows of a term's table that no step trains on.
struct ValidationError {
  std::string term;
  double rms = 0;  // root mean square of residual over sigma, over rows and residuals: 1 where the data is met to its noise
};

// Fixed facts of a run, known before its first step. Equal on every rank.
struct RunFacts {
  std::string name, run_directory;
  std::vector<std::string> rank_hosts;       // [ranks] "rank 1 host NAME pid 1234"
  std::vector<std::string> rank_cards;       // [ranks] "card 0, NAME (sm_90, 139.8 GiB)"; none on other devices
  std::vector<std::string> terms;            // names
  std::vector<std::int64_t> term_points;     // over all ranks
  std::vector<std::string> plans;            // [terms] channels as text
  std::vector<double> term_flop;             // [terms] per step over all ranks
  std::int64_t parameters = 0;               // of the layers
  std::int64_t trained_numbers = 0;
  std::int64_t total_steps = 0;              // of all stages
  std::vector<std::string> stages;           // "adam 2000", "lbfgs 12000"
  std::string engine, device, backend, precision, reproducibility;
  std::string summed_by;  // over ranks: "MPI", "NCCL 2.28.9", with the reason where there was a choice
  std::int64_t chunk = 0;
  std::optional<RecomputeFacts> recompute;   // none: all jets of a chunk are kept
  double product_rate = 0;                   // FLOP/s of the best back end on one rank; 0: not measured
  double startup_s = 0;
  Warnings warnings;                         // so far, of earlier continuations too
  std::vector<std::string> term_keys;        // [terms] "problem.conditions.0"
  std::vector<std::string> stage_precisions;   // [stages] "fp64"
  std::vector<std::set<std::string>> stage_weights;  // [stages] terms that have other weights there
  std::vector<std::set<std::string>> stage_points;   // [stages] terms that have another number of points there
  std::vector<std::string> term_tables;        // [terms] file that holds its points; "": they are drawn
  std::vector<double> term_noise;              // [terms] weighted loss that is left of measurements met to their noise: 0
                                               // where there are none, NaN where its size is not known
  bool validates = false;                      // rows of some table are held out
  std::string predict_points;                // options of predict that fit the problem: "--grid t=0:1:101,x=-1:1:101"
};

struct MonitorValue {
  std::string name;
  double value = 0;
};

// A trained number as its expressions see it.
struct TrainedValue {
  std::string name;
  double value = 0;
  double standard_error = std::numeric_limits<double>::quiet_NaN();  // NaN: not known
};

// Of a step under a gate (docs/gate.md).
struct GateRecord {
  double activation = 1;  // share of the candidates that the step trained
  double saved = 0;       // of the run so far: share of the candidates that were not trained
  double threshold = 0;
  double loss = std::numeric_limits<double>::quiet_NaN();  // over all points, when they were scored last; NaN: not yet
};

// Points over all steps and ranks.
struct GateTotals {
  double target = 1;
  std::int64_t candidates = 0, trained = 0;  // of the gated terms
  std::int64_t scored = 0;                   // looked at by scoring passes
  double activation() const { return candidates > 0 ? static_cast<double>(trained) / static_cast<double>(candidates) : 1; }
};

// One logged step. Equal on every rank but memory and utilisation, which are those of rank 0.
struct StepRecord {
  std::int64_t step = 0;                     // steps done
  int stage = 0;
  std::string optimizer;
  double time_s = 0;                         // since the program began
  double loss = 0;                           // with the weights of the config alone
  std::vector<double> terms;                 // unweighted means
  std::vector<double> shares;                // of the weighted terms in the loss, balancing included
  // Where weights follow the training (docs/balance.md); empty elsewhere.
  std::vector<double> weights;  // [terms] mean factor of each term's weights
  std::vector<double> causal;   // [terms] the smallest causal weight; NaN: the term has none
  double loss_balanced = 0;     // with these weights: what the optimiser lowers
  double learning_rate = 0;
  double points_per_s = 0;                   // since the last record, over all ranks
  double gradient_norm = 0;
  std::vector<TrainedValue> trained;         // after the step
  double memory_mib = 0;                     // resident
  double utilisation = 0;                    // share of the time since the last record that the
                                             // peaks allow for the kernels' work
  double memory_efficiency = 0;              // least bytes that any implementation needs / bytes used
  std::vector<FieldError> errors;            // empty: not evaluated at this step, or no reference
  // on points that no step trains on; NaN: not measured at this step
  double loss_independent = std::numeric_limits<double>::quiet_NaN();
  std::vector<MonitorValue> monitors;        // those measured at this step
  std::vector<ValidationError> validation;   // empty: not measured at this step, or no rows are held out
  std::optional<GateRecord> gate;            // where some stage has a gate
  double joules = -1;                        // of the run so far, told where there is a gate; < 0: not known
  bool joules_modelled = false;              // no meter can be read: train/modelled_energy.hpp
  double eta_s = -1;                         // time left; < 0: unknown
  bool due = true;                           // false: made only because an evaluation fell on this step, or for the curve
  bool curve_only = false;                   // made for the curve of the loss alone: nothing to show a person who waits
};

// A pass over all images of a classification that has ended. Equal on every rank but memory, which is that of rank 0.
struct EpochRecord {
  std::int64_t epoch = 0, step = 0;  // done
  double time_s = 0, epoch_s = 0;    // of training, with start-up; of the epoch
  double loss = 0, accuracy = 0;     // of the images that were trained on, as they were met
  double validation_loss = 0, validation_accuracy = 0;
  std::int64_t images = 0, trained = 0;         // of the epoch; those of them whose gradient was taken
  double learning_rate = 0, gradient_norm = 0;  // of its last step
  double saved = 0;                             // of the run so far: share of the images that were met and not trained on
  double joules = -1, epoch_joules = -1;        // < 0: not known
  bool joules_modelled = false;                 // no meter can be read: train/modelled_energy.hpp
  std::optional<double> threshold;              // of the gate, where there is one
  double memory_mib = 0;                        // resident
};

// Rows of a table that is read while a run trains on it.
struct StreamedRows {
  std::string term;
  std::int64_t all = 0;                     // of the table
  std::int64_t epoch = 0;                   // that the next step belongs to
  std::int64_t of_epoch = 0;                // that steps of it trained on
  std::int64_t of_last_epoch = 0;           // the same of the last whole epoch; 0: there was none
  std::uint64_t row_sum_of_last_epoch = 0;  // sum of the rows' numbers, which wraps
  double wait_s = 0;                        // of this process, on rank 0: for rows that were not read yet
  std::int64_t read_bytes = 0;              // of this process, on rank 0
};

// Where the ranks' shares of the points follow measured times.
struct DealtShares {
  std::int64_t dealings = 0;  // of this process: how often points were dealt anew
  std::vector<double> work;   // [ranks] share of the planned cost of all points that each has now
};

// The end of a run, whatever the end. Equal on every rank.
struct RunSummary {
  std::string status;                        // completed | stopped | failed
  std::string stopped_by;                    // steps | line search | gradient is zero | tolerance | time | loss | error |
                                             // stall | signal | a failure's name
  std::int64_t steps = 0;
  double wall_s = 0;                         // training with start-up
  int ranks = 1;
  std::string device = "cpu", engine = "jets";
  std::vector<std::string> rank_cards;  // as RunFacts has them
  std::optional<GraphCounts> graphs;    // of this process on rank 0; none: on the processor
  std::int64_t parameters = 0;
  std::int64_t points = 0;                   // in all terms, over all ranks
  std::int64_t points_seen = 0;              // points times evaluations
  std::optional<RecomputeFacts> recompute;   // none: all jets of a chunk were kept
  double points_per_s = 0;
  double loss = 0;
  double loss_independent = std::numeric_limits<double>::quiet_NaN();   // on points that no step trains on; NaN: not known
  std::vector<std::string> term_names;
  std::vector<double> terms;                 // unweighted means
  std::vector<double> shares;                // of the weighted terms in the loss
  double first_loss = std::numeric_limits<double>::quiet_NaN();   // of the run's first step
  std::vector<StageEnd> stages;              // those that took a step
  std::int64_t kept_step = -1;               // the network is that after so many steps; < 0: after the last one
  Warnings warnings;                         // of all continuations, each once
  Warnings verdicts;                         // those of them that the end brought, most telling first
  std::vector<double> weighted_independent;  // [terms] that loss_independent is the sum of
  std::vector<FieldError> errors;
  std::vector<MonitorValue> monitors;        // NaN: not measured yet
  std::vector<TrainedValue> trained;
  std::vector<ValidationError> validation;   // of the tables with rows held out
  std::vector<FieldFit> held_out;            // of fields that are measured there
  std::vector<double> peak_memory_mib;       // [ranks]
  std::vector<StreamedRows> streams;
  std::optional<DealtShares> dealing;        // none: shares are the planned ones
  double product_share = 0;                  // share of wall time spent in matrix products, mean over ranks
  double utilisation = 0;                    // share of wall time that the peaks allow for the
                                             // kernels' work, mean over ranks
  double memory_efficiency = 0;              // least bytes that any implementation needs / bytes used, mean over ranks
  double joules = -1;                        // < 0: not readable
  double joules_modelled = -1;               // by train/modelled_energy.hpp, with a gate or images; < 0: not modelled
  std::optional<GateTotals> gate;            // where some stage has one
  std::int64_t checkpoints = 0;              // written by this process
  double checkpoint_share = 0;               // of this process's wall time on rank 0
  std::int64_t skipped_steps = 0;            // loss or gradient was not finite
  std::vector<std::pair<std::string, double>> classification;  // figures by name; empty: the run solved a problem
  std::string parameter_hash;
  std::string version;
  std::string profile;                       // the profiler's table, for the terminal; empty: none
  std::string bottleneck;                    // what the run's time was lost to, in a sentence; empty: not known
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void started(const RunFacts&) {}
  virtual void step(const StepRecord&) {}
  virtual void epoch(const EpochRecord&) {}
  virtual void note(const std::string&) {}   // a sentence for the log: "lbfgs stopped: ..."
  virtual void finished(const RunSummary&) {}
};

}  // namespace jetpinn
