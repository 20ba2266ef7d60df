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
    found.erase(std::remove_if(found.begin(), found.end(), [&](const Warning& one) { return one.kind != kind; }), found.end());
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
    const Assembly assembly = assemble(build_problem(problem), network, sampling, training.seed, 1);
    return audit_alone({assembly, network, training, reference});
  }
};

inline TermText weighted(TermText term, const std::vector<std::string>& weights) {
  for (const std::string& weight : weights) term.weight.push_back(source(weight));
  return term;
}

}  // namespace jetpinn::testing
