// A problem as text, to be changed by tests.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/problem/problem.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn::testing {

inline SourceText text(const std::string& content, const std::string& key) {
  SourceText place;
  place.text = content;
  place.key = key;
  return place;
}

// u on (t, x) in [0, 1] x [-1, 1] with one equation and one condition.
inline ProblemText burgers_text() {
  ProblemText problem;
  problem.coordinates = {"t", "x"};
  problem.time = "t";
  problem.fields = {"u"};
  problem.constants = {{"nu", text("scale*0.01/pi", "nu")}, {"scale", text("2", "scale")}};
  problem.definitions = {{"flux", text("nu*u_x", "flux")}};
  problem.domain = {{"t", {text("0", "t"), text("1", "t")}}, {"x", {text("-1", "x"), text("scale/2", "x")}}};
  TermText equation;
  equation.name = "burgers";
  equation.residuals = {text("u_t + u*u_x - d(flux, x)", "equation")};
  TermText condition;
  condition.name = "walls";
  condition.equation = false;
  condition.residuals = {text("u", "first"), text("u_t", "second")};
  condition.on = text("x == -1 || x == 1", "on");
  condition.weight = {text("1 + t", "weight"), text("3", "weight")};
  problem.terms = {equation, condition};
  return problem;
}

// What is wrong with it; a failure where nothing is.
inline std::string message_of(const ProblemText& text) {
  try {
    build_problem(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace jetpinn::testing
