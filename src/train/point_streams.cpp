#include "jetpinn/train/point_streams.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/io/column_file.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/train/run_balance.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char* phase = "points";

std::vector<std::int64_t> slots_of(const std::vector<Block>& blocks) {
  std::vector<std::int64_t> slots;
  for (const Block& block : blocks) slots.push_back(block.first / block_points);
  return slots;
}

// 0 + 1 + ... + (count - 1), which wraps.
std::uint64_t sum_of_numbers(std::int64_t count) {
  const auto n = static_cast<std::uint64_t>(count);
  return n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n;
}

bool weights_vary(const Assembly& assembly, std::size_t term) {
  const std::vector<NodeId>& weights = assembly.problem->terms[term].weights;
  return std::any_of(weights.begin(), weights.end(),
                     [&](NodeId weight) { return !assembly.problem->graph.is_constant(weight); });
}

}  // namespace

std::int64_t stream_bytes(const Assembly& assembly, const TrainingOptions& training, std::size_t stage, int rank) {
  const StagePoints& points = assembly.stage_points(stage);
  std::int64_t bytes = 0;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (is_streamed(assembly, t))
      bytes += StreamedPoints::window_bytes(
          stream_order(assembly, points.chosen, t),
          with_room(assembly, static_cast<std::int64_t>(points.blocks[static_cast<std::size_t>(rank)][t].size()), 1),
          static_cast<std::int64_t>(streamed_columns(assembly.sampling.stored.at(assembly.problem->terms[t].name),
                                                     assembly.problem->symbols.coordinates)
                                        .size()),
          remembers_points(assembly, training, t));
  return bytes;
}

PointStreams::PointStreams(Communicator& communicator, const Assembly& assembly, const TrainingOptions& training,
                           const std::string& run_directory)
    : communicator_(communicator), assembly_(assembly), run_directory_(run_directory) {
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    if (!is_streamed(assembly, t)) continue;
    streams_.emplace_back();
    streams_.back().term = t;
    streams_.back().weighed = remembers_points(assembly, training, t);
  }
}

void PointStreams::open(bool goes_on) {
  for (Stream& stream : streams_) {
    const TermTable& table = *assembly_.problem->terms[stream.term].table;
    const std::string hash = hash_of_file(table.file);
    if (goes_on && hash != stream.hash)
      communicator_.agree(phase, [&] {
        fail_at(table.place, table.file +
                                 " is not the file that this run began with, of which it has read a part: put that "
                                 "one back, or begin anew with another --output");
      });
    stream.hash = hash;
  }
  open_weights(goes_on);
}

std::string PointStreams::hash_of_file(const std::string& path) {
  std::vector<std::uint64_t> hash(1);
  communicator_.agree(phase, [&] {
    const ScopedRegion region(Region::io);
    std::error_code trouble;
    const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path, trouble));
    if (trouble) throw Error(Status::storage, "cannot read " + path + ": " + trouble.message() + "; check the file system");
    hash[0] = hash_of_file_pieces(path, share_rows(file_pieces(bytes), communicator_.rank(), communicator_.size()));
  });
  sum_hashes(communicator_, hash);
  return hex(hash[0]);
}

std::vector<std::int64_t> PointStreams::own_slots(const Stream& stream) const {
  return slots_of(assembly_.blocks[static_cast<std::size_t>(communicator_.rank())][stream.term]);
}

std::vector<std::size_t> PointStreams::shares_of(const Stream& stream) const {
  std::vector<std::size_t> shares;
  for (const auto& of_rank : assembly_.blocks) shares.push_back(of_rank[stream.term].size());
  return shares;
}

// By the slots of all ranks, not by those of this one: where a stage deals some ranks others, all read anew together.
bool PointStreams::is_of_stage(const Stream& stream) const {
  return stream.points && stream.points->order() == stream_order(assembly_, assembly_.chosen, stream.term) &&
         stream.shares == shares_of(stream);
}

void PointStreams::retire(Stream& stream) {
  if (!stream.points) return;
  stream.waited_s += stream.points->waited_s();
  stream.read_bytes += stream.points->read_bytes();
  stream.points.reset();
}

// Where a step takes another number of points, an epoch that has begun ends there.
void PointStreams::enter_stage(Stream& stream) {
  const SegmentOrder order = stream_order(assembly_, assembly_.chosen, stream.term);
  if (stream.points && stream.points->order() != order && stream.next.step > 0) begin_epoch(stream);
  retire(stream);
  if (stream.weighed) make_weights(stream);
  stream.shares = shares_of(stream);
  stream.taken = {-1, -1};
  stream.points = std::make_unique<StreamedPoints>(assembly_.sampling.stored.at(assembly_.problem->terms[stream.term].name),
                                                   assembly_.problem->symbols.coordinates, order, own_slots(stream),
                                                   stream.weights.get());
}

void PointStreams::begin_epoch(Stream& stream) {
  stream.next = {stream.next.epoch + 1, 0};
  stream.rows = stream.numbers = 0;
  stream.left = {};
}

bool PointStreams::at_hand() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [&](const Stream& stream) { return is_of_stage(stream) && stream.taken == stream.next; });
}

bool PointStreams::may_fail() const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const Stream& stream) {
    return !is_of_stage(stream) || stream.points->reads_for(stream.next) || weights_vary(assembly_, stream.term);
  });
}

bool PointStreams::follow(PointSet& points) {
  if (at_hand()) return false;
  const ScopedRegion region(Region::sampling);
  leave_epochs();
  if (may_fail())
    communicator_.agree(phase, [&] { take(points); });
  else
    take(points);
  return true;
}

void PointStreams::take(PointSet& points) {
  for (Stream& stream : streams_) {
    if (!is_of_stage(stream)) enter_stage(stream);
    if (stream.taken == stream.next) continue;
    TermPoints next;
    if (stream.weights && stream.points->reads_for(stream.next)) require_checkpoint(stream);
    stream.at_hand = stream.points->take(stream.next, next);
    if (stream.weights) stream.at_hand_weights = stream.points->numbers_at(stream.next);
    weigh_points(assembly_, stream.term, next);
    points.terms[stream.term] = std::move(next);
    stream.taken = stream.next;
  }
}

void PointStreams::forget() {
  for (Stream& stream : streams_) stream.taken = {-1, -1};
}

void PointStreams::left_behind() {
  for (Stream& stream : streams_) {
    if (stream.taken != stream.next) continue;
    stream.left.rows += stream.at_hand.rows;
    stream.left.numbers += stream.at_hand.numbers;
    if (++stream.next.step < stream.points->order().steps()) continue;
    end_epoch(stream);
  }
}

void PointStreams::end_epoch(Stream& stream) {
  gather();
  const std::int64_t all = assembly_.tables[stream.term].all;
  JETPINN_CHECK(stream.rows == all && static_cast<std::uint64_t>(stream.numbers) == sum_of_numbers(all),
                fmt::format("an epoch of '{}' took {} rows of {}", assembly_.terms[stream.term].name, stream.rows, all));
  stream.whole_rows = std::exchange(stream.rows, 0);
  stream.whole_numbers = std::exchange(stream.numbers, 0);
  stream.next = {stream.next.epoch + 1, 0};
}

void PointStreams::gather() {
  for (Stream& stream : streams_) {
    const RowsRead left = std::exchange(stream.left, {});
    std::vector<std::uint64_t> sums{static_cast<std::uint64_t>(left.rows), left.numbers};
    sum_hashes(communicator_, sums);  // which wrap
    stream.rows += static_cast<std::int64_t>(sums[0]);
    stream.numbers = static_cast<std::int64_t>(static_cast<std::uint64_t>(stream.numbers) + sums[1]);
  }
}

State PointStreams::state() {
  State all;
  for (Stream& stream : streams_) {
    append(all, assembly_.terms[stream.term].name,
           {{"epoch", &stream.next.epoch},
            {"step", &stream.next.step},
            {"rows", &stream.rows},
            {"numbers", &stream.numbers},
            {"whole_rows", &stream.whole_rows},
            {"whole_numbers", &stream.whole_numbers},
            {"hash", &stream.hash}});
    if (!stream.weights) continue;
    append(all, assembly_.terms[stream.term].name + "/weights", stream.weights->state());
    append(all, assembly_.terms[stream.term].name + "/weights", {{"run", &stream.run}});
  }
  return all;
}

std::vector<StreamedRows> PointStreams::rows() const {
  std::vector<StreamedRows> list;
  for (const Stream& stream : streams_) {
    StreamedRows rows;
    rows.term = assembly_.terms[stream.term].name;
    rows.all = assembly_.tables[stream.term].all;
    rows.epoch = stream.next.epoch;
    rows.of_epoch = stream.rows;
    rows.of_last_epoch = stream.whole_rows;
    rows.row_sum_of_last_epoch = static_cast<std::uint64_t>(stream.whole_numbers);
    rows.wait_s = stream.waited_s + (stream.points ? stream.points->waited_s() : 0);
    rows.read_bytes = stream.read_bytes + (stream.points ? stream.points->read_bytes() : 0);
    list.push_back(rows);
  }
  return list;
}

}  // namespace jetpinn
