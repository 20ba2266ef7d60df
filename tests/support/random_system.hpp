// Systems of equations drawn from a seed: 1 to 4 coordinates, 1 to 3 fields, derivatives up to order 6 in any mixture.
#pragma once

#include "support/all_activations.hpp"
#include "support/engine_case.hpp"

#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace jetpinn::test {

struct RandomSystem {
  using Residual = std::vector<std::string>;   // its addends
  CaseText text;                               // all but the terms
  std::vector<std::vector<Residual>> terms;
  bool perturbed = false;                      // parameters as training leaves them, instead of initial ones

  static std::string sum(const Residual& addends) {
    std::string result;
    for (const std::string& addend : addends) result += (result.empty() ? "" : " + ") + addend;
    return result;
  }
  // split: every addend is a residual of its own
  CaseText engine_text(bool split = false) const {
    CaseText result = text;
    for (const auto& residuals : terms) {
      result.terms.emplace_back();
      for (const Residual& addends : residuals) {
        if (split) result.terms.back().insert(result.terms.back().end(), addends.begin(), addends.end());
        else result.terms.back().push_back(sum(addends));
      }
    }
    return result;
  }
  std::string config() const;
};

class SystemGenerator {
 public:
  explicit SystemGenerator(unsigned seed) : random_(seed) {}

  RandomSystem draw() {
    static const std::vector<std::vector<std::string>> coordinates{
        {"x"}, {"t", "x"}, {"x", "y"}, {"t", "x", "y"}, {"x", "y", "z"}, {"t", "x", "y", "z"}};
    CaseText& text = system_.text;
    text.coordinates = any(coordinates);
    text.fields = {"u"};
    for (const char* field : {"v", "w"}) {
      if (below(3) == 0) text.fields.push_back(field);
    }
    highest_ = 1 + below(below(4) == 0 ? max_order : 4);
    text.points = 1 + below(12);
    system_.perturbed = below(2) == 0;
    draw_network();
    for (int term = 0, terms = 1 + below(3); term < terms; ++term) {
      system_.terms.emplace_back();
      if (below(2) == 0) add_operators(system_.terms.back());
      else add_residuals(system_.terms.back());
    }
    return system_;
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  template <class T>
  const T& any(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }
  std::string coordinate() { return any(system_.text.coordinates); }
  std::string field() { return any(system_.text.fields); }

  static std::string filled(std::string form, const std::string& by, char mark = '#') {
    for (std::size_t at; (at = form.find(mark)) != std::string::npos;) form.replace(at, 1, by);
    return form;
  }

  void draw_network() {
    CaseText& text = system_.text;
    text.network.hidden.clear();
    const bool high = highest_ > 4;  // what nested autograd makes of a network grows with each order
    for (int layer = 0, layers = 1 + below(high ? 2 : 3); layer < layers; ++layer)
      text.network.hidden.push_back(1 + below(high ? 5 : 12));
    text.network.activation = any(all_activations());
    for (const std::string& name : text.coordinates) {
      if (below(6) == 0) text.network.periodic.push_back(name);
    }
    for (const std::string& name : text.fields) {
      if (below(6) != 0) continue;
      const std::string form = any<std::string>({"sin(pi*@) + @*(1 - @)*#", "@*# + 0.3*#^2", "exp(0.3*#)", "(1 + @^2)*#"});
      text.output[name] = filled(filled(form, name), coordinate(), '@');
    }
  }

  std::string number() { return any<std::string>({"2", "(-1)", "0.5", "(-3)", "1", "0.01", "(-0.7)", "(0.01/pi)", "pi"}); }

  std::string derivative(int order) {
    if (order == 0) return field();
    std::string result = "d(" + field();
    for (int k = 0; k < order; ++k) result += ", " + coordinate();
    return result + ")";
  }

  std::string of_point() {
    return filled(any<std::string>({"(1 + #^2)", "exp(-#)", "sin(3*#)", "#", "1/(2 + #)", "where(# > 0.4, 1, #)"}),
                  coordinate());
  }

  std::string of_fields() {
    const std::string argument = below(2) ? field() : derivative(1);
    return filled(any<std::string>(
                      {"#", "cos(#)", "exp(-#^2)", "(1 + #^2)", "sqrt(1 + #^2)", "tanh(#)", "1/(2 + #^2)", "log(2 + #^2)"}),
                  argument);
  }

  std::string addend() {
    const std::string coefficient = number();
    switch (below(8)) {
      case 0: return coefficient + "*" + of_point() + "*" + derivative(below(highest_ + 1));
      case 1: return coefficient + "*" + of_fields() + "*" + derivative(below(highest_ + 1));
      case 2: return coefficient + "*" + of_fields();
      case 3: return coefficient + "*" + of_point();
      case 4: return coefficient + "*" + derivative(below(highest_ + 1)) + "*" + derivative(below(highest_ + 1));
      case 5:
        return coefficient + "*d(" + (below(2) ? of_point() : of_fields()) + "*" + derivative(highest_ - 1) + ", " +
               coordinate() + ")";
      default: return coefficient + "*" + derivative(below(highest_ + 1));
    }
  }

  void add_residuals(std::vector<RandomSystem::Residual>& residuals) {
    for (int r = 0, count = 1 + below(2); r < count; ++r) {
      residuals.emplace_back();
      for (int k = 0, addends = 1 + below(4); k < addends; ++k) residuals.back().push_back(addend());
    }
  }

  // Operators of mixed order along two coordinates at most, and sums of them: their plans share channels across the orders.
  void add_operators(std::vector<RandomSystem::Residual>& residuals) {
    const bool varying = below(4) == 0;
    const std::vector<std::string> along{coordinate(), coordinate()};
    std::vector<RandomSystem::Residual> operators(static_cast<std::size_t>(1 + below(2)));
    const std::string name = field();
    for (RandomSystem::Residual& parts : operators) {
      for (int k = 0, count = 3 + below(2); k < count; ++k) {
        std::string part = number() + "*" + (varying && below(2) ? of_point() + "*" : "") + "d(" + name;
        for (int order = std::max(1, highest_ - below(3)); order > 0; --order) part += ", " + any(along);
        parts.push_back(part + ")");
      }
    }
    residuals.push_back(operators.front());
    residuals.back().push_back(addend());
    if (operators.size() == 1) return;
    residuals.push_back(operators.front());
    for (const std::string& part : operators.back()) residuals.back().push_back("2*" + part);
    residuals.back().push_back(of_fields() + "*(" + RandomSystem::sum(operators.back()) + ")");
  }

  std::mt19937 random_;
  RandomSystem system_;
  int highest_ = 1;
};

// A config of the same system; its points and parameters are the program's own.
inline std::string RandomSystem::config() const {
  const auto quoted = [](const std::vector<std::string>& list) {
    std::string result;
    for (const std::string& item : list) result += (result.empty() ? "\"" : ", \"") + item + "\"";
    return "[" + result + "]";
  };
  std::string result = "name = \"random_system\"\n[problem]\ncoordinates = " + quoted(text.coordinates) +
                       "\nfields = " + quoted(text.fields) + "\n[problem.domain]\n";
  for (std::size_t d = 0; d < text.coordinates.size(); ++d) {
    char bounds[64];
    std::snprintf(bounds, sizeof bounds, " = [%g, %g]\n", lower_bound(d), upper_bound(d));
    result += text.coordinates[d] + bounds;
  }
  std::string points;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    std::vector<std::string> sums;
    for (const Residual& addends : terms[t]) sums.push_back(sum(addends));
    const std::string name = "term" + std::to_string(t + 1);
    result += "[[problem.equations]]\nname = \"" + name + "\"\nresidual = " + quoted(sums) + "\n";
    points += (t ? ", " : "") + name + " = " + std::to_string(text.points);
  }
  result += "[network]\nhidden = [";
  for (std::size_t k = 0; k < text.network.hidden.size(); ++k)
    result += (k ? ", " : "") + std::to_string(text.network.hidden[k]);
  result += std::string("]\nactivation = \"") + to_string(text.network.activation) + "\"\n";
  if (!text.network.periodic.empty()) result += "periodic = " + quoted(text.network.periodic) + "\n";
  if (!text.output.empty()) {
    result += "[network.output]\n";
    for (const auto& [field, form] : text.output) result += field + " = \"" + form + "\"\n";
  }
  return result + "[sampling]\npoints = { " + points +
         " }\n[training]\nengine = \"jets\"   # and \"reference\"\n[[training.stages]]\nsteps = 1\n";
}

}  // namespace jetpinn::test
