// Errors of the expression language with their place in a config's file.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/problem/source_text.hpp"

#include <map>
#include <string>

namespace jetpinn {

// Runs `work` on a text; what goes wrong in it gets its place in the file, unless it has one.
template <class Work>
auto at_place(const SourceText& place, const std::map<std::string, SourceText>& definitions, Work&& work) {
  try {
    return work();
  } catch (const PlacedError&) {
    throw;
  } catch (const ExpressionError& error) {
    const auto definition = definitions.find(error.definition);
    fail_at(definition == definitions.end() ? place : definition->second, error.offset, error.length, error.what());
  } catch (const Error& error) {
    fail_at(place, error.what());
  }
}

}  // namespace jetpinn
