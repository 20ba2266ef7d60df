// Errors of the trained fields against a reference: exact expressions on a fixed point set, or a point table.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/infer/field_fit.hpp"
#include "jetpinn/infer/grid.hpp"
#include "jetpinn/problem/problem.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {

struct FieldError {
  std::string field;
  double rel_l2 = 0;    // |u - reference|_2 / |reference|_2 over all points
  double max_abs = 0;   // largest |u - reference|, in the unit of the field
  bool absolute = false;   // the reference is 0 everywhere: no measure of how far off the field is
  double r2 = std::numeric_limits<double>::quiet_NaN();   // as in field_fit.hpp; the reference is what is to be met
  double mae = 0, rmse = 0;   // mean |u - reference|, root mean square, in the unit of the field
};

// The values of a reference, from the least to the largest; where its constant is free, about their middle.
struct FieldRange {
  int field = 0;
  double low = 0, high = 0;
};

// A reference in numbers, alike on every rank. No ranges: there is none.
struct ReferenceFacts {
  std::vector<FieldRange> ranges;      // of the fields that it has
  std::string source;                  // "exact" or the file
  std::int64_t rows = 0, left_out = 0; // of the file; those outside the domain
};

// Reference points and values. Exact expressions: a grid of at least 10 000 points over the domain with its border, beyond
// three coordinates 16 384 Sobol points. A file: its points inside the domain, the fields it holds; points that only the
// rounding of the stored type takes out of the domain are moved onto its border. A field whose equations hold in regions
// alone is compared there (problem/field_region.hpp).
class ReferenceSet {
 public:
  // Collective; without a reference in the problem the set is empty. Throws Error (usage) for a file that cannot be used.
  // at: "Re=20" holds parameters at values of their range: exact expressions are taken there, of a file the rows with these
  // values, all of them where it has no such column.
  ReferenceSet(Communicator& communicator, const Problem& problem, const std::string& at = "");

  bool empty() const { return points_ == 0; }
  std::int64_t points() const { return points_; }       // over all ranks
  const std::string& source() const { return source_; } // "exact" or the file
  std::int64_t rows() const { return points_ + left_out_; }     // of the file, or points of the exact solution
  std::int64_t left_out() const { return left_out_; }           // rows of the file outside the domain
  // Whether every field of the reference is compared at some point there; the same on every rank. Collective.
  bool has_rows_between(Communicator& communicator, int coordinate, double lower, double upper) const;
  // A sentence for each thing that a reader of the errors must know: rows that were left out, fields that are compared at
  // some points alone, then those of size_notes().
  std::vector<std::string> notes() const;
  // What errors are given against where the reference of a field is 0 everywhere. Of rows left out the audit warns.
  std::vector<std::string> size_notes() const;

  ReferenceFacts facts(Communicator& communicator) const;   // collective

  // Collective. `term` is the engine's term whose residuals are all fields after the output transform (Assembly::fields).
  // One error per field of the reference; none for an empty set.
  std::vector<FieldError> errors(Communicator& communicator, Engine& engine, const double* parameters, int term = 0) const;

 private:
  struct Column {
    int field = 0;
    std::string name;
    bool free_constant = false;       // compared after removing the mean
    double spread = 0;                // over all ranks, of the squares of reference less its mean
    double norm_squared = 0;          // over all ranks, of the reference (its mean removed); of what
                                      // stands in for it where that is 0
    bool absolute = false;            // that is 0: the largest norm of the other fields stands in, or that of 1 everywhere
    std::vector<double> values;       // [local rows], rank-local
    std::vector<bool> left_out;       // [local rows] where the field has no meaning; empty: nowhere
    std::int64_t points = 0;          // over all ranks, at which it is compared
    bool compared(std::size_t row) const { return left_out.empty() || !left_out[row]; }
  };

  void sample_exact(const Problem& problem, const std::vector<GridAxis>& held, int rank, int ranks);
  void read_file(const Problem& problem, const std::vector<GridAxis>& held, int rank, int ranks);
  void leave_out(const Problem& problem);
  void measure(Communicator& communicator);
  void replace_zero_norms(const std::vector<double>& raw);

  int dimensions_ = 0, fields_ = 0;
  std::int64_t points_ = 0, local_ = 0, left_out_ = 0;
  std::string source_, held_;                      // held_: "Re = 20"
  std::vector<std::vector<double>> coordinates_;   // [dimensions][local rows], rank-local
  std::vector<Column> columns_;
};

// evaluation.json in a run folder; one rank writes. An empty reference is left out. `parameters`: the file that they came
// from; step: of the training, -1: not known. more: an object with further members.
void write_evaluation(const std::string& path, const std::vector<FieldError>& errors, const ReferenceSet& reference,
                      const std::vector<FieldFit>& held_out, const std::string& parameters, std::int64_t step,
                      const nlohmann::ordered_json& more);

}  // namespace jetpinn
