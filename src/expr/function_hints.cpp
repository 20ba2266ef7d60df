#include "jetpinn/expr/function_hints.hpp"

#include <algorithm>
#include <cctype>

namespace jetpinn {
namespace {

struct OtherName {
  const char *name, *ours, *note;   // ours: the function of the same meaning, or null: the note says how to write it
};

constexpr OtherName others[] = {
    {"ln", "log", "natural logarithm"},
    {"loge", "log", "natural logarithm"},
    {"log10", nullptr, "log10(x) is log(x)/log(10)"},
    {"lg", nullptr, "the logarithm to base 10 is log(x)/log(10)"},
    {"log2", nullptr, "log2(x) is log(x)/log(2)"},
    {"log1p", nullptr, "log1p(x) is log(1 + x)"},
    {"expm1", nullptr, "expm1(x) is exp(x) - 1"},
    {"heaviside", "step", "1 where its argument is >= 0"},
    {"heavisidetheta", "step", "1 where its argument is >= 0"},
    {"unitstep", "step", "1 where its argument is >= 0"},
    {"arcsin", "asin", ""},
    {"arccos", "acos", ""},
    {"arctan", "atan", ""},
    {"arctan2", "atan2", ""},
    {"sgn", "sign", ""},
    {"signum", "sign", ""},
    {"fabs", "abs", ""},
    {"power", "pow", "or a^b"},
    {"pwr", "pow", "or a^b"},
    {"square", nullptr, "square(x) is x^2"},
    {"cbrt", nullptr, "the cube root is sign(x)*abs(x)^(1/3)"},
    {"hypot", nullptr, "hypot(x, y) is sqrt(x^2 + y^2)"},
    {"fmod", "mod", "it has the sign of its second argument"},
    {"remainder", "mod", "it has the sign of its second argument"},
    {"fmin", "min", ""},
    {"fmax", "max", ""},
    {"minimum", "min", ""},
    {"maximum", "max", ""},
    {"if", "where", "where(condition, a, b)"},
    {"ifelse", "where", "where(condition, a, b)"},
    {"select", "where", "where(condition, a, b)"},
    {"cond", "where", "where(condition, a, b)"},
    {"piecewise", "where", "where(condition, a, b)"},
    {"floor", nullptr, "floor(x) is x - mod(x, 1)"},
    {"ceil", nullptr, "ceil(x) is x + mod(-x, 1)"},
    {"round", nullptr, "round(x) is x + 0.5 - mod(x + 0.5, 1)"},
    {"frac", nullptr, "the fraction of x is mod(x, 1)"},
    {"sec", nullptr, "sec(x) is 1/cos(x)"},
    {"csc", nullptr, "csc(x) is 1/sin(x)"},
    {"cot", nullptr, "cot(x) is cos(x)/sin(x)"},
    {"sech", nullptr, "sech(x) is 1/cosh(x)"},
    {"csch", nullptr, "csch(x) is 1/sinh(x)"},
    {"coth", nullptr, "coth(x) is cosh(x)/sinh(x)"},
    {"asinh", nullptr, "asinh(x) is log(x + sqrt(x^2 + 1))"},
    {"acosh", nullptr, "acosh(x) is log(x + sqrt(x^2 - 1))"},
    {"atanh", nullptr, "atanh(x) is log((1 + x)/(1 - x))/2"},
    {"sigmoid", nullptr, "sigmoid(x) is 1/(1 + exp(-x))"},
    {"relu", nullptr, "relu(x) is max(x, 0)"},
    {"lap", "laplacian", ""},
    {"laplace", "laplacian", ""},
    {"diff", "d", "d(u, x)"},
    {"derivative", "d", "d(u, x)"},
    {"pdiff", "d", "d(u, x)"},
    {"gradient", "grad", ""},
    {"nabla", "grad", ""},
    {"divergence", "div", ""},
    {"rot", "curl", ""},
    {"rotor", "curl", ""},
    {"inner", "dot", "of two vectors"},
    {"norm", nullptr, "the length of a vector v is sqrt(dot(v, v))"},
    {"cross", nullptr, "the third component of cross([a, b, c], [d, e, f]) is a*e - b*d, and so on"},
    {"product", "prod", "prod(k, first, last, expr)"},
};

}  // namespace

std::string function_hint(std::string_view name) {
  const auto same_letter = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  for (const OtherName& other : others) {
    const std::string_view theirs = other.name;
    if (!std::equal(theirs.begin(), theirs.end(), name.begin(), name.end(), same_letter)) continue;
    const std::string note = other.note;
    if (!other.ours) return note;
    return std::string("did you mean '") + other.ours + "'?" + (note.empty() ? "" : " (" + note + ")");
  }
  return "";
}

}  // namespace jetpinn
