// A problem of u in t and x, ready to be changed, and what its audit says.
#pragma once

#include "jetpinn/audit/audit.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace jetpinn::testing {

struct AuditCase {
  ProblemText problem;
  NetworkOptions network;
  SamplingOptions sampling;
  TrainingOptions training;
  ReferenceFacts reference;
  std::vector<double> start;   // parameters that training begins with; empty: drawn

  explicit AuditCase(std::vector<TermText> terms) {
    problem.coordinates = {"t", "x"};
    problem.time = "t";
    problem.fields = {"u"};
    problem.domain["t"] = {source("0"), source("1")};
    problem.domain["x"] = {source("-1"), source("1")};
    problem.terms = std::move(terms);
    network.hidden = {8, 8};
    training.stages.resize(1);
  }

  // Begins with a network whose field is the same number everywhere: of all parameters, the last bias alone is not 0.
  void begin_with(double field) {
    training.start_from = "runs/before";
    start.assign(static_cast<std::size_t>(assembly().network.parameters), 0.0);
    start.back() = field;
  }

  Assembly assembly() const { return assemble(build_problem(problem), network, sampling, training.seed, 1); }

  void output(const std::string& field, const std::string& expression) { problem.output[field] = source(expression); }

  // The sentences of one kind; every other kind must be silent.
  Warnings warnings(const std::string& kind) const {
    const Warnings all = look();
    for (const Warning& warning : all) EXPECT_EQ(warning.kind, kind) << warning.text;
    return all;
  }
  // Those of one kind beside others.
  Warnings of_kind(const std::string& kind) const {
    Warnings found = look();
    found.erase(std::remove_if(found.begin(), found.end(), [&](const Warning& one) { return one.kind != kind; }),
                found.end());
    return found;
  }
  std::string sentence(const std::string& kind) const {
    const Warnings all = warnings(kind);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? "" : all[0].text;
  }
  bool silent() const { return warnings("none").empty(); }

 private:
  Warnings look() const {
    const Assembly assembled = assembly();
    return audit_alone({assembled, network, training, reference, start});
  }
};

inline TermText weighted(TermText term, const std::vector<std::string>& weights) {
  for (const std::string& weight : weights) term.weight.push_back(source(weight));
  return term;
}

}  // namespace jetpinn::testing
