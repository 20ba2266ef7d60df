#include "jetpinn/problem/place_symbols.hpp"

namespace jetpinn {
namespace {

PlaceSymbols place_symbols_of(const SymbolTable& table) {
  return {table.data, table.linked, table.no_distance, table.no_normal};
}

void let_read(SymbolTable& table, const PlaceSymbols& may_read) {
  table.data = may_read.data;
  table.linked = may_read.linked;
  table.no_distance = may_read.no_distance;
  table.no_normal = may_read.no_normal;
}

}  // namespace

std::string no_surface(const std::string& why) {
  return "normals exist on a border alone, a face of the domain's box in space or the border of a shape: " + why;
}

PlaceSymbols symbols_of(const TermText& term, std::vector<DataColumn>* data) {
  const bool linked = term.pair.has_value();
  if (term.points) return {data, linked, "", ""};
  return {nullptr, linked, "", term.equation ? no_surface("the equation '" + term.name + "' holds in a body") : ""};
}

PlaceScope::PlaceScope(SymbolTable& symbols, SymbolTable& without_fields, const PlaceSymbols& may_read)
    : symbols_(symbols),
      without_fields_(without_fields),
      before_(place_symbols_of(symbols)),
      without_fields_before_(place_symbols_of(without_fields)) {
  let_read(symbols_, may_read);
  let_read(without_fields_, may_read);
  without_fields_.linked = false;
}

PlaceScope::~PlaceScope() {
  let_read(symbols_, before_);
  let_read(without_fields_, without_fields_before_);
}

}  // namespace jetpinn
