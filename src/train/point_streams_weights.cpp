// The weights of the rows that streams read: their file, and how it stays one that checkpoints can go on from.
#include "jetpinn/train/point_streams.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char* rows_phase = "weights of rows";

// A checkpoint needs the generations of its epoch and of the one before, so that a file of three places has a whole epoch of
// time for the next checkpoint; small files have more, for their epochs are short.
std::int64_t places_of(std::int64_t rows) {
  constexpr std::int64_t least = 3, most = 64, small = std::int64_t{16} << 20;
  return std::clamp(small / GenerationFile::bytes(rows, 1), least, most);
}

// A number that no other run has, so that a file of weights is known for that of its run. It decides nothing else.
std::int64_t number_of_a_new_run() {
  std::random_device words;
  return static_cast<std::int64_t>(std::uint64_t{words()} << 32 | words());
}

}  // namespace

std::int64_t stream_weights_bytes(std::int64_t rows) { return GenerationFile::bytes(rows, places_of(rows)); }

std::string PointStreams::file_of(const Stream& stream) const {
  return run_directory_ + "/streams/" + assembly_.terms[stream.term].name + ".weights";
}

void PointStreams::open_weights(bool goes_on) {
  const ScopedRegion region(Region::io);
  for (Stream& stream : streams_) {
    if (!stream.weighed) continue;
    const std::int64_t rows = assembly_.tables[stream.term].all;
    if (goes_on) {
      communicator_.agree(rows_phase, [&] {
        if (stream.file->run() != stream.run)
          throw Error(Status::storage, file_of(stream) +
                                           " holds the weights of another run: put back the file that this run "
                                           "wrote, or begin anew with --force");
        stream.weights->verify();
      });
      stream.saved_epoch = stream.weights->epoch();
      continue;
    }
    communicator_.agree(rows_phase, [&] {
      if (!communicator_.root()) return;
      std::error_code trouble;  // is told of by who creates the file
      std::filesystem::create_directories(run_directory_ + "/streams", trouble);
      flush_folder(run_directory_);
      GenerationFile::create(file_of(stream), rows, places_of(rows), number_of_a_new_run());
    });
    communicator_.agree(rows_phase,
                        [&] { stream.file = std::make_shared<GenerationFile>(file_of(stream), rows, places_of(rows)); });
    stream.run = stream.file->run();
  }
}

void PointStreams::make_room() {
  if (std::none_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.weighed; })) return;
  communicator_.agree(rows_phase, [&] {
    for (Stream& stream : streams_) {
      if (!stream.weighed) continue;
      const std::int64_t rows = assembly_.tables[stream.term].all;
      stream.file = std::make_shared<GenerationFile>(file_of(stream), rows, places_of(rows));
      make_weights(stream);
      stream.shares = shares_of(stream);
    }
  });
}

void PointStreams::make_weights(Stream& stream) {
  const SegmentOrder order = stream_order(assembly_, assembly_.chosen, stream.term);
  const std::vector<std::int64_t> slots = own_slots(stream);
  if (!stream.weights || stream.weights->order() != order || stream.weights->slots() != slots)
    stream.weights = std::make_unique<StreamedWeights>(stream.file, order, slots);
  if (stream.left_epoch >= 0) stream.weights->take_up(stream.left_epoch, stream.left_window);
  stream.left_epoch = -1;
}

void PointStreams::put_away(Stream& stream) {
  require_checkpoint(stream);
  if (stream.weights->epoch() == stream.next.epoch) {
    stream.left_epoch = stream.weights->epoch();
    stream.left_window = stream.weights->window();
  }
  stream.weights->put_away();
}

// An epoch ends for all ranks before one of them reads what it made: another rank may have written that. Where a stage takes
// other segments, the rows that the epoch has not come to keep their weights; where it deals segments to other ranks, these
// take up the window that is at work.
void PointStreams::leave_epochs() {
  std::vector<Stream*> leaving;
  const auto is_cut = [this](const Stream& stream) {
    return stream.weights->epoch() == stream.next.epoch &&
           stream.weights->order() != stream_order(assembly_, assembly_.chosen, stream.term);
  };
  for (Stream& stream : streams_)
    if (stream.weights && stream.weights->holds_any() &&
        (is_cut(stream) || stream.weights->epoch() != stream.next.epoch || stream.shares != shares_of(stream)))
      leaving.push_back(&stream);
  if (leaving.empty()) return;
  std::vector<Stream*> cut;
  for (Stream* stream : leaving)
    if (is_cut(*stream)) cut.push_back(stream);
  communicator_.agree(rows_phase, [&] {
    for (Stream* stream : leaving) {
      const bool ends_early = is_cut(*stream);
      put_away(*stream);
      if (ends_early) stream->weights->cut_epoch(std::exchange(stream->left_epoch, -1), stream->left_window);
    }
  });
  for (Stream* stream : cut) begin_epoch(*stream);
}

void PointStreams::leave_blocks() {
  if (!any()) return;
  communicator_.agree(rows_phase, [&] {
    for (Stream& stream : streams_)
      if (stream.weights && stream.weights->holds_any()) put_away(stream);
  });
  for (Stream& stream : streams_) {
    retire(stream);
    stream.weights.reset();
    stream.taken = {-1, -1};
  }
}

std::vector<double>* PointStreams::weights_of(std::size_t term) {
  for (Stream& stream : streams_)
    if (stream.term == term && stream.weighed) return &stream.at_hand_weights;
  return nullptr;
}

void PointStreams::keep_weights() {
  for (Stream& stream : streams_)
    if (stream.weights) stream.points->put_numbers(stream.taken, stream.at_hand_weights);
}

void PointStreams::flush() {
  if (std::none_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.weighed; })) return;
  communicator_.agree(rows_phase, [&] {
    const ScopedRegion region(Region::io);
    for (Stream& stream : streams_)
      if (stream.weights) stream.weights->flush();
  });
}

void PointStreams::saved(bool well) {
  for (Stream& stream : streams_) {
    if (!stream.weights) continue;
    stream.tried_epoch = stream.weights->epoch();
    if (well) stream.saved_epoch = stream.tried_epoch;
  }
}

bool PointStreams::wants_checkpoint() const {
  return std::any_of(streams_.begin(), streams_.end(), [](const Stream& stream) {
    return stream.weights && stream.tried_epoch != stream.weights->epoch() &&
           jetpinn::wants_checkpoint(stream.weights->epoch(), stream.saved_epoch, stream.file->places());
  });
}

void PointStreams::require_checkpoint(const Stream& stream) const {
  if (!takes_what_is_needed(stream.weights->epoch(), stream.saved_epoch, stream.file->places())) return;
  throw Error(Status::storage,
              fmt::format("no checkpoint could be written since epoch {} of '{}', and the next weights of its rows would "
                          "overwrite those that the last one needs: make room for checkpoints, then go on from it",
                          stream.saved_epoch, assembly_.terms[stream.term].name));
}

}  // namespace jetpinn
