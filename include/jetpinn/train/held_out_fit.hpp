// R2, mean absolute error and root mean square of fields at the rows of tables that no step trains on.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/infer/field_fit.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <vector>

namespace jetpinn {

// A residual that is a field less a column: `u - data.u` or the other way round.
struct MeasuredField {
  std::size_t term = 0, residual = 0;
  int field = 0, column = 0;
};
// Of the terms with rows held out.
std::vector<MeasuredField> measured_fields(const Assembly& assembly);

// Takes the residuals of this rank's rows, a term after the other, then sums over ranks.
class HeldOutFit {
 public:
  // The assembly outlives it.
  explicit HeldOutFit(const Assembly& assembly) : assembly_(assembly), measured_(measured_fields(assembly)) {}

  bool empty() const { return measured_.empty(); }
  void begin() { sums_.assign(measured_.size(), {}); }
  // residuals [residuals, points] of a term, as the engine gives them.
  void add(std::size_t term, const TermPoints& points, const std::vector<double>& residuals);
  std::vector<FieldFit> finish(Communicator& communicator) const;   // collective where it is not empty

 private:
  struct Sums {
    double rows = 0, values = 0;         // of the column
    double spread = 0;                   // of its squares about this rank's mean
    double squares = 0, absolute = 0;    // of the residuals, in the unit of the field
  };
  const Assembly& assembly_;
  std::vector<MeasuredField> measured_;
  std::vector<Sums> sums_;   // [measured] rank-local
};

// The same for a network that was trained. Collective.
std::vector<FieldFit> held_out_fits(Communicator& communicator, const Assembly& assembly, const EngineOptions& options,
                                    const double* parameters);

}  // namespace jetpinn
