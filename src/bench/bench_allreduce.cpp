#include "jetpinn/bench/bench_allreduce.hpp"

#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string>

namespace jetpinn {
namespace {

constexpr const char* phase = "bench allreduce";
constexpr int slices = 8;   // of the computation that an early sum hides behind

// Sums in place of numbers that every rank knows: small whole ones, which fp64 adds without rounding in any order. A sum of
// the sum multiplies by the number of ranks, so that a few of them can be timed together.
class KnownSums {
 public:
  KnownSums(const Communicator& communicator, std::int64_t bytes)
      : rank_(communicator.rank()), ranks_(communicator.size()),
        values_(static_cast<std::size_t>(std::max<std::int64_t>(1, bytes / 8))) {
    // Short ones are over before the clock has ticked; whole numbers stay below 2^53.
    const int most = ranks_ > 1 ? static_cast<int>(30 / std::log2(ranks_)) : 8;
    together_ = bytes <= 1 << 16 ? std::clamp(most, 1, 8) : 1;
  }
  std::int64_t count() const { return static_cast<std::int64_t>(values_.size()); }
  double* data() { return values_.data(); }
  int together() const { return together_; }

  void fill() {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = static_cast<double>(i % period) + rank_;
  }
  // After `sums` of them in a row.
  bool right(int sums) const {
    const double ranks = ranks_, factor = std::pow(ranks, sums - 1), of_ranks = ranks * (ranks - 1) / 2;
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (values_[i] != factor * (ranks * static_cast<double>(i % period) + of_ranks)) return false;
    return true;
  }

 private:
  static constexpr std::size_t period = 1021;   // a prime: no piece looks like another
  double rank_, ranks_;
  int together_ = 1;
  std::vector<double> values_;
};

// Arithmetic in registers, which no transfer disturbs.
double compute(std::int64_t rounds) {
  double a = 1, b = 1.5, c = 2, d = 2.5;
  for (std::int64_t i = 0; i < rounds; ++i) {
    a = a * 0.999999 + 1e-6, b = b * 0.999998 + 1e-6;
    c = c * 0.999997 + 1e-6, d = d * 0.999996 + 1e-6;
  }
  return a + b + c + d;
}

// Bytes per second of every rank's copies, all at once: the slowest rank's.
double copy_rate(Communicator& communicator, const BenchTiming& timing) {
  constexpr std::int64_t bytes = 1 << 25;
  std::vector<char> from(bytes, 1), to(bytes);
  const SampleSpread seconds =
      spread_of(time_repeats(communicator, phase, timing, [&] { std::memcpy(to.data(), from.data(), bytes); }));
  return to[bytes / 2] == 1 ? bytes / seconds.median : 0;
}

class Bench {
 public:
  Bench(Communicator& communicator, const BenchAllreduceOptions& options, BenchReport& report)
      : communicator_(communicator), options_(options), report_(report),
        copy_rate_(copy_rate(communicator, options.timing)) {
    // Rounds per second of compute(), the same on every rank.
    constexpr std::int64_t rounds = 1 << 20;
    double sink = 0;
    const SampleSpread seconds = spread_of(time_repeats(communicator, phase, {0.02, 5}, [&] { sink += compute(rounds); }));
    rounds_per_s_ = sink > 0 ? rounds / seconds.median : 0;
  }

  void measure(std::int64_t bytes) {
    SampleSpread plain;
    for (const GradientSyncKind kind : {GradientSyncKind::plain, GradientSyncKind::hierarchical}) {
      const SampleSpread seconds = measure_sum(kind, bytes);
      if (kind == GradientSyncKind::plain) plain = seconds;
    }
    measure_early(bytes, plain.median);
  }

 private:
  std::unique_ptr<GradientSync> make(GradientSyncKind kind) {
    GradientSyncOptions sync = options_.sync;
    sync.kind = kind;
    return options_.make_sync(communicator_, sync);
  }

  BenchResult result(GradientSyncKind kind, std::int64_t bytes, std::vector<double> samples, int together,
                     std::int64_t wrong) {
    for (double& sample : samples) sample /= together;
    communicator_.sum(phase, &wrong, 1);
    BenchResult out;
    out.name = to_string(kind);
    out.parameters = {{"bytes", bytes}};
    out.seconds = spread_of(samples);
    out.verified = wrong == 0;
    if (wrong > 0) out.trouble = "a sum over ranks is wrong";
    return out;
  }

  // It may be another library than the one asked for: ranks that share a GPU sum by MPI.
  void tell_library(const GradientSync& sync, BenchResult& out) const {
    if (options_.sync.library != GradientLibrary::mpi) out.figures.emplace_back("summed_by", sync.summed_by());
  }

  // Times `work`, which makes `together` sums in a row; every repetition's are checked. Returns
  // samples and the number of wrong ones.
  template <class Work>
  std::pair<std::vector<double>, std::int64_t> timed(KnownSums& sums, int together, const Work& work) {
    std::int64_t wrong = 0;
    bool first = true;
    const auto before = [&] {
      if (!first) wrong += !sums.right(together);
      first = false;
      sums.fill();
    };
    auto samples = time_repeats(communicator_, phase, options_.timing, work, before);
    wrong += !sums.right(together);
    return {std::move(samples), wrong};
  }

  SampleSpread measure_sum(GradientSyncKind kind, std::int64_t bytes) {
    const auto sync = make(kind);
    KnownSums sums(communicator_, bytes);
    const auto [samples, wrong] = timed(sums, sums.together(), [&] {
      for (int i = 0; i < sums.together(); ++i) {
        sync->start(Stream{}, sums.data(), sums.count());
        sync->wait(Stream{}, options_.deadline_s);
      }
    });
    BenchResult out = result(kind, bytes, samples, sums.together(), wrong);
    const double ranks = communicator_.size(), rate = static_cast<double>(bytes) / std::max(out.seconds.median, 1e-12);
    const double bus = rate * 2 * (ranks - 1) / ranks;
    out.figures = {{"algorithm_gb_per_s", rate * 1e-9}, {"bus_gb_per_s", bus * 1e-9}, {"copy_share", bus / copy_rate_}};
    tell_library(*sync, out);
    report_.results.push_back(out);
    return out.seconds;
  }

  void measure_early(std::int64_t bytes, double plain_s) {
    const auto sync = make(GradientSyncKind::early);
    KnownSums sums(communicator_, bytes);
    const std::int64_t rounds = std::max<std::int64_t>(1, std::llround(plain_s * rounds_per_s_ / (slices * slices)));
    const std::int64_t piece = early_piece(GradientSyncOptions(), sums.count());
    double sink = 0;
    const SampleSpread alone = spread_of(time_repeats(communicator_, phase, options_.timing, [&] {
      for (int i = 0; i < slices * slices; ++i) sink += compute(rounds);
    }));
    const auto [samples, wrong] = timed(sums, 1, [&] {
      // A slice's share of the entries is final with it, as a layer's is; the last piece has nothing left to hide behind.
      std::int64_t sent = 0;
      for (int slice = 1; slice <= slices; ++slice) {
        for (int i = 0; i < slices; ++i) sink += compute(rounds), sync->progress();
        for (; sent + piece <= sums.count() * slice / slices; sent += piece)
          sync->start(Stream{}, sums.data() + sent, piece);
      }
      sync->start(Stream{}, sums.data() + sent, sums.count() - sent);
      sync->wait(Stream{}, options_.deadline_s);
    });
    BenchResult out = result(GradientSyncKind::early, bytes, samples, 1, wrong + !(sink > 0));
    const double exposed = out.seconds.median - alone.median;
    out.figures = {{"compute_s", alone.median},
                   {"exposed_s", exposed},
                   {"overlap", std::clamp(1 - exposed / std::max(plain_s, 1e-12), 0.0, 1.0)}};
    tell_library(*sync, out);
    report_.results.push_back(std::move(out));
  }

  Communicator& communicator_;
  const BenchAllreduceOptions& options_;
  BenchReport& report_;
  double copy_rate_, rounds_per_s_ = 0;
};

}  // namespace

BenchReport bench_allreduce(Communicator& communicator, const BenchAllreduceOptions& options) {
  BenchReport report;
  report.benchmark = "allreduce";
  report.machine = describe_machine(communicator);
  Bench bench(communicator, options, report);
  for (const std::int64_t bytes : options.bytes) bench.measure(bytes);
  return report;
}

}  // namespace jetpinn
