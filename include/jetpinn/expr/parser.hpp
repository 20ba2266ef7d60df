// Expression text to checked graph.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace jetpinn {

// A column of a point table that an expression reads as data.NAME, and where it does so first.
struct DataColumn {
  std::string name;
  std::size_t offset = 0, length = 0;  // bytes in the text that was parsed
};

// What a point says of its place, as leaves of the graph: its signed distance to the border of the domain is attribute 0,
// the component of the outward unit normal along the k-th coordinate of space attribute 1 + k.
inline constexpr int distance_attribute = 0;
constexpr int normal_attribute(int k) { return 1 + k; }
inline constexpr const char* not_at_points =
    "can stand in residuals and weights of equations, conditions and monitors and in definitions alone";

// What names mean. A declared name wins over the derivative reading of the same text, and both over that as an attribute:
// sdf, n_x, n_y, ...
struct SymbolTable {
  std::vector<std::string> coordinates;
  int time = -1;                                        // left out of laplacian, grad, div and curl
  std::vector<std::string> fields;                      // empty: fields are unknown here (regions, weights, exact solutions)
  std::map<std::string, double> constants;
  std::map<std::string, std::string> definitions;       // text, parsed where used (cycles are an error)
  std::map<std::string, NodeId> trained;                // values of trained numbers, in the graph that is parsed into
  std::map<std::string, std::string> refused;           // names that mean something and cannot stand here: why
  // Columns that come with the points. A new name is added to the list where it is read: whether the table has it is known
  // only where the table is. Null: the points bring no columns.
  std::vector<DataColumn>* data = nullptr;
  // Why the signed distance, and the normal (n_x, ..., dn), cannot stand here; empty: they can.
  std::string no_distance = std::string("'sdf', the signed distance to the border of the domain, ") + not_at_points;
  std::string no_normal = std::string("the normal of a border ") + not_at_points;
  bool linked = false;  // the points come in pairs: other(expr) is the expression at the second one
  int parameters = 0;  // the last of the coordinates: read as the others are, and nothing is differentiated by them

  int differentiable() const { return static_cast<int>(coordinates.size()) - parameters; }  // coordinates before them
  bool is_parameter(int coordinate) const { return coordinate >= differentiable(); }
  std::vector<int> space() const;  // coordinates but the time and the parameters
};

// [attributes] what expressions call them.
std::vector<std::string> attribute_names(const SymbolTable& symbols);

// Where in the text and what is wrong; the config layer adds file, line and column.
class ExpressionError : public std::runtime_error {
 public:
  ExpressionError(const std::string& message, std::size_t offset, std::size_t length, std::string definition = "")
      : std::runtime_error(message), offset(offset), length(length), definition(std::move(definition)) {}
  std::size_t offset, length;   // bytes in the text that was parsed
  std::string definition;       // the place is inside this definition's text; empty: inside the text itself
};

// What a text is for, where that excludes something on its top (deeper, as in where(x == 0, a, b), everything may stand).
enum class Meaning {
  any,
  residual,   // what is to vanish: no comparison, no &&, || or !
  value       // no == and no !=
};

// A number; a vector is refused.
NodeId parse_expression(ExpressionGraph& graph, const SymbolTable& symbols, std::string_view text,
                        Meaning meaning = Meaning::any);

// The same where a vector may stand as well: its components, or the number alone.
std::vector<NodeId> parse_components(ExpressionGraph& graph, const SymbolTable& symbols, std::string_view text,
                                     Meaning meaning = Meaning::any);

// A constant expression such as "0.01/pi". Throws ExpressionError.
double parse_constant(std::string_view text, const std::map<std::string, double>& constants = {});
double parse_constant(std::string_view text, const SymbolTable& symbols);   // constants alone in it

// Checks names: duplicates, reserved words, names that read as a derivative of another. Throws ExpressionError with offset 0
// naming the culprit.
void check_names(const SymbolTable& symbols);

// The candidate nearest to `word` by edit distance, or empty when none is near.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace jetpinn
