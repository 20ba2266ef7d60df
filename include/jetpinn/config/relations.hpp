// What keys of a config say of one another: the parts of check_relations (config/passes.hpp), and what they look values up
// by.
#pragma once

#include "jetpinn/config/document.hpp"

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

using Names = std::vector<std::string>;

// The value under a path of plain keys; null where it is not given.
const Value* look(const Value& root, std::initializer_list<const char*> path);

Names names_in(const Value* list);
bool has(const Names& names, const std::string& name);
std::size_t length(const Value* value);

// Throw Error (usage) where a name is not `what`, such as "a term", with the nearest known one.
[[noreturn]] void fail_name(const SourceText& place, const std::string& name, const std::string& what, const Names& known);
void check_items(const Value* list, const std::string& what, const Names& known);
void check_keys(const Value* table, const std::string& what, const Names& known);

bool squares_mean(const Value& term);  // an integral constraint
bool cuts_windows(const Value& root);
const Value* method_that_weighs_points(const Value& root);  // the method of training.balance; null: it keeps no such weights

// The table of a term; null: its points are drawn.
const Value* table_of_points(const Value& term);

// Terms by name, equations first: visit(term, whether it is an equation, its number in the list of its kind).
template <class Tree, class Visit>
void for_each_term(Tree& root, Visit&& visit) {
  auto* problem = root.find("problem");
  for (const char* kind : {"equations", "conditions"})
    if (auto* list = problem ? problem->find(kind) : nullptr)
      for (std::size_t i = 0; i < list->items.size(); ++i) visit(list->items[i], std::string(kind) == "equations", i);
}

// The names of all terms, of those that square the mean of their residuals, and of those with a table, with its path.
struct TermNames {
  Names all, means, streams;  // streams: those whose tables are streamed
  std::map<std::string, std::string> tables;
};

// The learning rate of a stage, or of a classification.
void check_schedule(const Value& stage);
// The first number of points of a batch, of the run or of a stage; null: there are no batches.
const Value* first_batch_of(const Value& root);

// [gate], and what stages have of it.
void check_gate(const Value& root, const TermNames& terms);
// What the weights and the controller of a gate that is in use say of one another, whatever it chooses from.
void check_gate_numbers(const Value& gate);

// How the points of a term are chosen, in a stage or (null) in the run; and whether they lie where they lie whenever they
// are made anew.
std::string sampling_method_of(const Value& root, const Value* stage, const std::string& term);
bool always_the_same(const std::string& sampling_method);
// Methods of single terms, nodes along axes, integrals.
void check_quadrature(const Value& root, const TermNames& terms);

// sampling and training, which speak of terms by their names.
void check_training(const Value& root, const Names& coordinates, const TermNames& terms);

}  // namespace jetpinn
