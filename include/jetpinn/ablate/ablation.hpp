// What a study came to: scores of each representation over divisions of the samples, what they say together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Mean, deviation of single runs (n - 1), and half the width of the interval that holds the mean with 95 % (Student's t).
// The runs share their samples, so that the interval is one over divisions of this collection, not over collections.
struct ScoreSpread {
  std::int64_t runs = 0;
  double mean = 0, deviation = 0, half_width = 0;
  std::string interval(int digits) const;  // " ± " and half_width; empty for one run, which has no interval
};
ScoreSpread score_spread(const std::vector<double>& scores);
double student_t(std::int64_t degrees);  // the 0.975 quantile

struct RepresentationResult {
  std::string name, title, sees;
  std::int64_t numbers = 0;  // of a sample
  std::int64_t layers = 0;   // that they are of
  double flop = 0;           // of a sample, without spectra
  bool spectra = false, cached = false;              // cached: its features came from the cache
  bool scores_cached = false;                        // and so did its scores: nothing was trained
  double feature_seconds = 0;                        // its own, on the slowest rank
  std::vector<double> scores;                        // [runs] accuracy, or 1 - squared error / variance of the test samples
  std::vector<double> epochs, best_epochs, seconds;  // [runs] seconds: of a training
  std::vector<std::int64_t> confusion;  // [classes, classes] true class by predicted one, over all runs; or empty
  ScoreSpread spread() const { return score_spread(scores); }
  double training_seconds() const;
};

struct Ablation {
  std::string data, identity;  // identity: of data and all options that matter to a score
  std::int64_t samples = 0, layers = 0, chosen_layers = 0, rows = 0, columns = 0, rank = 0, runs = 0;
  std::vector<std::string> classes;  // empty: values
  double chance = 0;                 // share of the most frequent class
  bool reference = false, fp64 = false;
  int ranks = 1;
  double hash_s = 0, read_s = 0, spectra_s = 0, features_s = 0, wall_s = 0;
  std::vector<RepresentationResult> results;
  bool classification() const { return !classes.empty(); }
};

// Numbers of results, the highest mean first.
std::vector<std::size_t> ranking(const Ablation& ablation);

// By how much x is above y on the same divisions: the spread of the differences, run by run.
ScoreSpread difference(const RepresentationResult& x, const RepresentationResult& y);

// Which representation tells most, and whether the next one is clearly behind.
std::vector<std::string> ablation_sentences(const Ablation& ablation);

}  // namespace jetpinn
