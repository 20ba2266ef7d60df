// Weights of the residuals of a term: those that are stated, over the squares of the residuals' standard deviations.
#pragma once

#include "jetpinn/problem/problem.hpp"

#include <vector>

namespace jetpinn {

// An expression of coordinates and constants alone, and of columns of data where `symbols` has some. Throws Error (usage).
NodeId parse_without_fields(ExpressionGraph& graph, const SymbolTable& symbols, const ProblemText& problem,
                            const SourceText& text, Meaning meaning = Meaning::any);

// Adds the columns to the table's that were read first in this text.
void note_columns(const std::vector<DataColumn>& columns, const SourceText& text, Term& term);

// What weights are read by. All outlive it.
struct WeightReader {
  ExpressionGraph& graph;
  const SymbolTable& symbols;  // without fields
  const ProblemText& problem;

  // Those of the term, its residuals and its table known. columns: of data, in the order of reading.
  void read(const TermText& text, std::vector<DataColumn>& columns, Term& term) const;
  // Others in place of them, under the same standard deviations.
  void replace(const TermText& text, const WeightText& weights, std::vector<DataColumn>& columns, Term& term) const;

 private:
  void state(const TermText& text, const WeightText& weights, std::vector<DataColumn>& columns, Term& term) const;
  void read_sigmas(const TermText& text, std::vector<DataColumn>& columns, Term& term) const;
  void divide_by_sigmas(Term& term) const;
};

}  // namespace jetpinn
