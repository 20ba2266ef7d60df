// What expressions may read of the points that they stand for, beside coordinates and fields.
#pragma once

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/problem/problem.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct PlaceSymbols {
  std::vector<DataColumn>* data = nullptr;  // of a table; null: the points bring no columns
  bool linked = false;                      // the points come in pairs
  std::string no_distance, no_normal;       // why sdf, and the normal, cannot stand here; empty: they can
};

// Of the points of a term. data: as in PlaceSymbols. Those of a table bring distance and normal as columns.
PlaceSymbols symbols_of(const TermText& term, std::vector<DataColumn>* data);

// Why a normal cannot be read: `why` says where the points lie instead of on a border.
std::string no_surface(const std::string& why);

// As long as it lives, expressions over either table may read this; afterwards what they could before. Pairs of points are
// for the first table alone: what stands without fields has one value at both. Both outlive it.
class PlaceScope {
 public:
  PlaceScope(SymbolTable& symbols, SymbolTable& without_fields, const PlaceSymbols& may_read);
  ~PlaceScope();
  PlaceScope(const PlaceScope&) = delete;
  PlaceScope& operator=(const PlaceScope&) = delete;

 private:
  SymbolTable& symbols_;
  SymbolTable& without_fields_;
  const PlaceSymbols before_, without_fields_before_;
};

}  // namespace jetpinn
