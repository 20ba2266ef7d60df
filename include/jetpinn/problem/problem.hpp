// A checked problem: expressions as graphs, terms, domain, reference. Built from text by build_problem.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/expr/trained_number.hpp"
#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/plan/term_inputs.hpp"
#include "jetpinn/problem/causal.hpp"
#include "jetpinn/problem/constants.hpp"
#include "jetpinn/problem/monitor.hpp"
#include "jetpinn/problem/place_reads.hpp"
#include "jetpinn/problem/scales.hpp"
#include "jetpinn/problem/shape_text.hpp"
#include "jetpinn/problem/source_text.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// What a term makes of its residuals at all its points.
enum class Reduction {
  mean_of_squares,
  square_of_mean  // an integral constraint: the mean is to vanish, not the residual at each point
};

struct TermText {
  std::string name;
  SourceText name_place;
  bool equation = true;               // equations live in the domain or a region of it, conditions on a set
  std::vector<SourceText> residuals;  // each a number or a vector, whose components are residuals
  std::optional<SourceText> on;       // of a condition; of an equation its `in`, absent for the whole domain
  std::optional<SourceText> pair;     // of a condition: equalities that replace those of `on` at the linked points
  std::vector<SourceText> weight;  // empty: 1; one: for all residuals; else one per residual
  SourceText weight_place;         // of the whole list
  Reduction reduction = Reduction::mean_of_squares;
  bool integral = false;             // of squares, over the measure of its set, in place of their mean
  bool hard = false;                 // of a condition: the fields meet it by their form
  std::optional<SourceText> points;  // path of a table of points, resolved
  std::vector<SourceText> sigma;     // of a table: as weight
  SourceText sigma_place;            // of the whole list
  bool stream = false;               // its rows are read while a run trains on them
  double holdout = 0;                // share of its rows, ...
  std::optional<SourceText> holdout_by;  // ... those of equal values of this column together; absent: each by itself
  CausalText causal;                 // of an equation
};

// Another weight of a term in a stage.
struct WeightText {
  std::vector<SourceText> list;  // as TermText::weight
  SourceText place;              // of the whole list
};

struct ReferenceText {
  std::string file;  // resolved path; empty: none
  SourceText file_place;
  std::map<std::string, SourceText> exact;  // field -> expression
  std::vector<std::string> free_constant;
};

// [problem], [geometry], [reference], [[monitors]] and the output transforms of [network], as text with places.
struct ProblemText {
  std::vector<std::string> coordinates;
  std::string time;  // empty: none
  std::vector<std::string> fields;
  std::map<std::string, SourceText> constants;
  std::map<std::string, SourceText> definitions;
  std::map<std::string, TrainedText> trained;
  std::map<std::string, std::array<SourceText, 2>> domain;
  std::map<std::string, std::array<SourceText, 2>> parameters;  // ranges of further inputs
  ScalesText scales;
  GeometryText geometry;
  std::vector<TermText> terms;  // equations, then conditions
  std::vector<MonitorText> monitors;
  std::vector<std::map<std::string, SourceText>> stage_constants;  // [stages] that have other values there
  std::vector<std::map<std::string, WeightText>> stage_weights;    // [stages] of terms that have others there
  ReferenceText reference;
  std::map<std::string, SourceText> output;
  std::map<std::string, SourceText> name_places;  // where each declared name is declared
};

// A column of a term's table, and where it is read first.
struct TermColumn {
  std::string name;
  SourceText place;
  std::size_t offset = 0, length = 0;  // bytes of place.text
};

// Points of a term that a table holds. The file is not opened here: whoever needs its rows does (train/table_rows.hpp).
struct TermTable {
  std::string file;
  SourceText place;                 // where it is named
  std::vector<TermColumn> columns;  // beside the coordinates, by their numbers in expressions
  std::vector<NodeId> sigmas;       // one per residual; empty: 1
  std::vector<SourceText> sigma_places;
  std::optional<double> noise_loss;  // weighted loss of residuals as large as their sigmas; nothing: not known
  bool streamed = false;             // its rows are read while a run trains on them, and never held
  double holdout = 0;  // share of the rows that is not trained on
  std::optional<TermColumn> holdout_by;  // whose equal values are held out together; nothing: rows by their numbers
};

struct Term {
  std::string name;
  bool equation = true;
  Reduction reduction = Reduction::mean_of_squares;
  bool integral = false;          // of squares, in the units of the coordinates: its mean is multiplied by its measure
  bool hard = false;              // its residuals are 0 whatever the network
  std::vector<NodeId> stated;     // residuals as written, in the fields
  std::vector<NodeId> residuals;  // the same in raw network outputs
  std::vector<double> scales;     // one per residual: what it is divided by; empty: 1
  std::vector<std::size_t> components;  // of each text that states residuals: 1, or those of a vector
  std::vector<NodeId> weights;    // one per residual, expressions of coordinates and columns, divided by the squares of the
                                  // sigmas; all equal to 1 when nothing is given; numbers where a mean is squared
  std::vector<SourceText> weight_places;   // where they are written; empty when not given
  PointRegion region;                      // where its points lie; of a table: the domain
  std::vector<FixedCoordinate> pair;       // what the linked points have in place of their first points' coordinates; empty:
                                           // the points are single
  PlaceReads reads;                        // in some stage
  std::optional<TermTable> table;
  std::optional<CausalTerm> causal;
  std::vector<JumpDerivative> jump_derivatives;   // taken for its residuals
};

// Columns of data that come with the points of a term.
inline int data_columns(const Term& term) { return term.table ? static_cast<int>(term.table->columns.size()) : 0; }

// The expressions of a problem as some stages have them: under their values of its constants, with their weights.
struct Variant {
  std::map<std::string, double> changed;               // constants that have not the problem's values
  std::vector<std::vector<NodeId>> stated, residuals;  // [terms] as in Term
  std::vector<std::vector<NodeId>> weights;            // [terms] as in Term
  std::vector<std::vector<SourceText>> weight_places;  // [terms] as in Term
  std::vector<NodeId> monitors;                        // [monitors] as in Monitor
};

struct Problem {
  ExpressionGraph graph;
  SymbolTable symbols;
  std::vector<double> lower, upper;  // domain box and the ranges of the parameters, [dimensions]
  ShapePointer shape;                // the domain in space; null: all of the box
  std::vector<std::string> shape_facts;  // "part: 80 triangles, ...": of shapes that a file describes
  std::vector<Term> terms;
  std::vector<Monitor> monitors;
  std::vector<Variant> variants;              // the first one: as the problem is. Terms and monitors begin with it
  std::vector<std::size_t> variant_of_stage;  // [stages]
  std::vector<NodeId> outputs;  // output transform per field, in raw outputs (the field itself where none is given)
  std::vector<std::pair<int, NodeId>> exact;  // (field, expression of coordinates)
  std::vector<TrainedNumber> trained;         // numbers of the expressions that are trained, in the order of their names
  Scales scales;                              // train/scales.hpp chooses the open ones and brings them into the expressions
  std::string reference_file;
  std::vector<int> free_constant;  // fields compared after removing the mean
  int dimensions() const { return static_cast<int>(symbols.coordinates.size()); }  // coordinates, then parameters
  int fields() const { return static_cast<int>(symbols.fields.size()); }
  // Of expressions of the domain, and of a term. Nothing of a config brings constants of a stage.
  TermGroups groups() const { return {.trainables = static_cast<int>(trained.size())}; }
  TermGroups groups(const Term& term) const {
    TermGroups groups = this->groups();
    groups.data = data_columns(term);
    groups.attributes = term.reads.columns(symbols.space().size());
    groups.sites = term.pair.empty() ? 1 : 2;
    return groups;
  }
  TermGroups groups(const Monitor& monitor) const {
    TermGroups groups = this->groups();
    groups.attributes = monitor.reads.columns(symbols.space().size());
    return groups;
  }
};

// Throws Error (usage) with file, line, column and a caret under the place.
Problem build_problem(const ProblemText& text);

// Parses further expressions over the same names, transforms applied (predict's quantities): the components of a vector, or
// one number. `place` serves messages.
std::vector<NodeId> parse_quantity(Problem& problem, const SourceText& place);

}  // namespace jetpinn
