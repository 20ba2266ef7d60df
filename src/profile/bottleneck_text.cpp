#include "jetpinn/profile/bottleneck_text.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>

namespace jetpinn::bottleneck {
namespace {

std::string roofline_text(const ProfileSummary& s, const char* name) {
  const KernelSummary* kernel = kernel_of(s, name);
  if (!kernel || kernel->roofline.mean <= 0) return "";
  return fmt::format(" at {:.0f} % of what the processor allows", percent(kernel->roofline.mean));
}

std::string message_text(const ProfileSummary& s) {
  const double each = ratio(mean_of(s, "allreduce_move"), static_cast<double>(s.evaluations));
  std::string text = fmt::format("{:.0f} us for each all-reduce", 1e6 * each);
  if (s.message_bytes > 0)
    text += fmt::format(" of {:.1f} KiB, {:.3g} MB/s", static_cast<double>(s.message_bytes) / 1024,
                        1e-6 * ratio(static_cast<double>(s.message_bytes), each));
  return text;
}

std::string drawing_points(const ProfileSummary&, const Parts& part) {
  return fmt::format("drawing points takes {:.0f} % of the time; raise sampling.resample_every", percent(part.sampling));
}

std::string kernels_text(const ProfileSummary& s, const char* words, const char* kernel, double share) {
  const std::string advice = s.precision == "fp64" && s.device == "cpu"
                                 ? "more ranks, training.precision = \"fp32\" for the first stages, or fewer points"
                                 : "more ranks, a narrower network, or fewer points";
  return fmt::format("{} {:.0f} % of the time{}; this is what a run is for: {}", words, percent(share),
                     roofline_text(s, kernel), advice);
}

std::string product_time(const ProfileSummary& s, const Parts& part) {
  return kernels_text(s, "matrix products take", "product", part.product);
}

std::string activation_time(const ProfileSummary& s, const Parts& part) {
  return kernels_text(s, "activation jets take", "activation", part.activation);
}

std::string tape_time(const ProfileSummary& s, const Parts& part) {
  return kernels_text(s, "the residual tape takes", "tape", part.tape);
}

std::string optimizer_vectors(const ProfileSummary&, const Parts& part) {
  return fmt::format(
      "the optimiser streams its vectors for {:.0f} % of the time; more points per step, a smaller history of L-BFGS "
      "(training.stages.N.history), or a smaller network",
      percent(part.optimizer));
}

std::string main_memory(const ProfileSummary& s, const Parts&) {
  return fmt::format(
      "operands come from main memory at {:.1f} GB/s, {:.0f} % of its measured rate; fewer ranks per machine, a narrower "
      "network, or training.precision = \"fp32\"",
      1e-9 * s.cache_miss_bytes_per_s, percent(s.cache_miss_bytes_per_s / s.memory_bandwidth));
}

std::string moving_operands(const ProfileSummary& s, const Parts& part) {
  const MovedMost moved = moved_most(s, part);
  const KernelSummary* kernel = kernel_of(s, moved.kernel);
  return fmt::format(
      "the {} class takes {:.0f} % of the time and is held up by moving its operands ({:.1f} GB/s{}); wider layers do more "
      "work per byte, training.precision = \"fp32\" halves the bytes",
      moved.kernel, percent(moved.share), kernel ? 1e-9 * kernel->bytes.mean : 0.0, roofline_text(s, moved.kernel));
}

std::string small_messages(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "small messages take {:.0f} % of the time ({}), which is the time to start them and not to move them; more points "
      "per rank, or fewer ranks",
      percent(latency_of(s, part).messages), message_text(s));
}

std::string late_in_turn(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "the ranks are late in turn and wait for each other {:.0f} % of the time, none more than the others; steps of "
      "{:.3g} ms are too short to even out what disturbs them: more points per rank, or fewer ranks",
      percent(latency_of(s, part).late_in_turn), 1e3 * s.step_s.median);
}

std::string short_calls(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "calls are too short: {:.0f} points per rank leave the kernels at {:.0f} % of what the processor allows; more "
      "points per step, or fewer ranks",
      points_per_rank(s), percent(ratio(s.utilisation_of_steps, part.product + part.activation + part.tape)));
}

std::string around_kernels(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "what surrounds the kernels takes {:.0f} % of the time in steps of {:.3g} ms; more points per step, or fewer ranks",
      percent(part.overhead), 1e3 * s.step_s.median);
}

std::string moving_gradient(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "moving the gradient between ranks takes {:.0f} % of the time ({}); try another run.gradient_sync, more points per "
      "rank, or fewer ranks",
      percent(part.move), message_text(s));
}

std::string files_text(const ProfileSummary& s, const Parts& part, const char* advice) {
  return fmt::format("writing files takes {:.0f} % of the time (checkpoints {:.1f} s, other files {:.1f} s); {}",
                     percent(part.files), max_of(s, "checkpoint"), max_of(s, "io"), advice);
}

std::string checkpoints(const ProfileSummary& s, const Parts& part) {
  return files_text(
      s, part, "checkpoint less often (output.checkpoint.every), or put the run folder on a faster disk (--output)");
}

std::string other_files(const ProfileSummary& s, const Parts& part) {
  return files_text(s, part, "log less often (output.log_every), or put the run folder on a faster disk (--output)");
}

std::string kept_off_core(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "rank {} on {} is kept off its core while all wait for it ({:.0f} % of the time, mostly inside sums): it could have "
      "run and waited for a core {:.0f} % of its time (the others {:.0f} %), so another process runs there: stop that "
      "process or bind the ranks to free cores (mpirun --bind-to core, srun --exclusive)",
      s.kept_off.rank, s.kept_off.host, percent(part.late_rank), percent(s.kept_off.queued), percent(s.others_queued));
}

std::string works_longer(const ProfileSummary& s, const Parts& part, const std::string& why) {
  return fmt::format(
      "rank {} on {} works {:.2f} times as long as the others, and all wait for it ({:.0f} % of the time, mean over "
      "ranks{}); {}",
      s.slowest.rank, s.slowest.host, ratio(s.slowest.work_s, s.others.work_s), percent(part.late_rank),
      part.stalled >= 0.01 ? ", sums that it holds up included" : "", why);
}

std::string displaced(const ProfileSummary& s, const Parts& part) {
  const RankFacts &slow = s.slowest, &others = s.others;
  return works_longer(
      s, part,
      fmt::format(
          "it had work but no core for {:.0f} % of its time ({:.0f} involuntary switches per s; the others {:.0f} %, {:.0f} "
          "per s), so another process runs on its core: stop that process or bind the ranks to free cores (mpirun "
          "--bind-to core, srun --exclusive)",
          percent(slow.off_core), slow.displaced_per_s, percent(others.off_core), others.displaced_per_s));
}

std::string more_work(const ProfileSummary& s, const Parts& part) {
  return works_longer(s, part,
                      fmt::format("it has more to do ({:.0f} points, the others {:.0f}): raise sampling.points, so that "
                                  "blocks of 256 can be dealt evenly, or use fewer ranks",
                                  s.slowest.points, s.others.points));
}

std::string slower_rate(const ProfileSummary& s, const Parts& part) {
  const RankFacts &slow = s.slowest, &others = s.others;
  return works_longer(
      s, part,
      fmt::format("it does the same work at {:.1f} GFLOP/s, the others at {:.1f}: look for a slower, hotter or throttled "
                  "core on {}, or leave that machine out",
                  1e-9 * ratio(slow.flop, slow.work_s), 1e-9 * ratio(others.flop, others.work_s), slow.host));
}

std::string slower(const ProfileSummary& s, const Parts& part) {
  return works_longer(s, part,
                      fmt::format("look for a slower, hotter or throttled core on {}, or leave that machine out",
                                  s.slowest.host));
}

std::string nearly_full(const ProfileSummary& s, const Parts&) {
  constexpr double gib = 1073741824.0;
  return fmt::format(
      "{} had only {:.1f} % of its memory left (ranks hold up to {:.2f} GiB each), and the system kills what asks for "
      "more; fewer ranks per machine, fewer points, or a smaller history of L-BFGS",
      s.memory.least_left_host, percent(s.memory.least_left), s.memory.resident.max / gib);
}

std::string page_faults(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "pages come back from the disk, {:.0f} per s on one rank, which costs up to {:.0f} % of the time; fewer ranks per "
      "machine, fewer points, or end what else takes memory there",
      s.faults_per_s, percent(part.faults));
}

std::string evaluation(const ProfileSummary&, const Parts& part) {
  return fmt::format(
      "what is evaluated beside the steps (reference, independent points, monitors, candidates of adaptive points, standard "
      "errors) takes {:.0f} % of the time; raise output.evaluate_every, or what has an `every` of its own",
      percent(part.evaluation));
}

std::string busy_cores(const ProfileSummary& s, const Parts& part) {
  const std::string who = s.ranks == 1 ? "the process" : fmt::format("even the least disturbed of {} ranks", s.ranks);
  return fmt::format(
      "{} had work but no core{} for {:.0f} % of the time ({:.0f} involuntary switches in all): start no more ranks than "
      "there are free cores (jobs/local -n), and end what else runs there",
      who, part.stalled >= 0.01 ? ", or sums that stalled for it," : "", percent(part.crowding), s.displaced);
}

// In the order of Cause.
constexpr std::string (*sentences[])(const ProfileSummary& s, const Parts& part) = {
    drawing_points, product_time, activation_time, tape_time,                    // compute
    optimizer_vectors, main_memory, moving_operands,                             // bandwidth
    small_messages, late_in_turn, short_calls, around_kernels,                   // latency
    moving_gradient,                                                             // communication
    checkpoints, other_files,                                                    // input_output
    kept_off_core, displaced, more_work, slower_rate, slower,                    // imbalance
    nearly_full, page_faults,                                                    // memory
    evaluation,
    busy_cores,
};
static_assert(std::size(sentences) == static_cast<std::size_t>(Cause::count));

}  // namespace

double percent(double share) { return 100 * share; }

std::string text_of(Cause cause, const ProfileSummary& summary, const Parts& part) {
  return cause < Cause::count ? sentences[static_cast<std::size_t>(cause)](summary, part) : "";
}

}  // namespace jetpinn::bottleneck
