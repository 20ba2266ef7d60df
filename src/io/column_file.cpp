#include "jetpinn/io/column_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/io/hdf5_parallel.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>

namespace jetpinn {
namespace {

constexpr const char* columns_phase = "checkpoint";
constexpr std::int64_t piece_rows = std::int64_t{1} << 17;   // 1 MiB, whole blocks

std::vector<StateRecord> columns_of(const std::vector<StateRecord>& records) {
  std::vector<StateRecord> columns;
  std::copy_if(records.begin(), records.end(), std::back_inserter(columns),
               [](const StateRecord& record) { return record.type == StateType::column; });
  return columns;
}

// The first failure of any rank; empty: none. Collective.
std::string failure_of(Communicator& communicator, const std::function<void()>& work) {
  std::string own;
  try {
    work();
  } catch (const std::exception& error) {
    own = *error.what() ? error.what() : "an error without words";
  }
  for (const std::string& reason : communicator.gather(columns_phase, own))
    if (!reason.empty()) return reason;
  return {};
}

// Blocks of `share` of a column of the file.
std::uint64_t hash_of_share(const hdf5::InputFile& file, const StateRecord& column, int rank, int ranks,
                            std::vector<double>& piece) {
  file.require(column.name, hdf5::InputFile::Type::real, column.count);
  const RowRange blocks = share_rows((column.count + block_points - 1) / block_points, rank, ranks);
  const std::int64_t end = std::min(blocks.end * block_points, column.count);
  std::uint64_t sum = 0;
  for (std::int64_t first = blocks.begin * block_points; first < end; first += piece_rows) {
    const std::int64_t count = std::min(piece_rows, end - first);
    file.read(column.name, hdf5::InputFile::Type::real, first, count, piece.data());
    sum += hash_of_rows(piece.data(), first, count);
  }
  return sum;
}

struct Part {
  std::string name;
  SharedColumn column;
  std::vector<Block> runs;   // of this rank's rows
  std::int64_t rounds = 0;   // the most runs of any rank
};

std::vector<Part> parts_of(Communicator& communicator, const State& state) {
  std::vector<Part> parts;
  std::vector<double> rounds;
  for (const StateItem& item : state) {
    const auto* column = std::get_if<SharedColumn>(&item.place);
    if (!column) continue;
    parts.push_back({item.name, *column, joined_blocks(*column->blocks, piece_rows)});
    rounds.push_back(static_cast<double>(parts.back().runs.size()));
  }
  communicator.max(columns_phase, rounds.data(), static_cast<std::int64_t>(rounds.size()));
  for (std::size_t p = 0; p < parts.size(); ++p) parts[p].rounds = static_cast<std::int64_t>(rounds[p]);
  return parts;
}

}  // namespace

bool has_columns(const std::vector<StateRecord>& records) { return !columns_of(records).empty(); }

std::int64_t create_column_file(const std::string& path, const std::vector<StateRecord>& records) {
  hdf5::OutputFile file(path);
  for (const StateRecord& column : columns_of(records)) file.create_column(column.name, column.count);
  file.commit();
  hdf5::reserve_file(path);
  return file_bytes(path);
}

// In rounds: in each of them every rank writes one run of its rows, or nothing, and all hear of a failure before the next.
void write_column_file(Communicator& communicator, const std::string& path, const State& state) {
  const std::vector<Part> parts = parts_of(communicator, state);
  std::optional<hdf5::SharedFile> file;
  communicator.agree(columns_phase, [&] { file.emplace(communicator, path); });
  for (const Part& part : parts) {
    communicator.agree(columns_phase, [&] { file->open(part.name); });
    const double* values = part.column.data;
    for (std::int64_t round = 0; round < part.rounds; ++round) {
      const bool writes = round < static_cast<std::int64_t>(part.runs.size());
      const Block run = writes ? part.runs[static_cast<std::size_t>(round)] : Block{};
      communicator.agree(columns_phase, [&] { file->write(run.first, run.count, values); });
      values += run.count;
    }
  }
  communicator.agree(columns_phase, [&] { file->commit(); });
}

// MPI adds signed numbers, whose sums must not wrap: halves of hashes leave room for 2^31 ranks.
void sum_hashes(Communicator& communicator, std::vector<std::uint64_t>& hashes) {
  std::vector<std::int64_t> halves;
  for (const std::uint64_t hash : hashes) {
    halves.push_back(static_cast<std::int64_t>(hash >> 32));
    halves.push_back(static_cast<std::int64_t>(hash & 0xffffffffu));
  }
  communicator.sum(columns_phase, halves.data(), static_cast<std::int64_t>(halves.size()));
  for (std::size_t k = 0; k < hashes.size(); ++k)
    hashes[k] = (static_cast<std::uint64_t>(halves[2 * k]) << 32) + static_cast<std::uint64_t>(halves[2 * k + 1]);
}

void sum_column_hashes(Communicator& communicator, std::vector<StateRecord>& records) {
  std::vector<std::uint64_t> hashes;
  for (const StateRecord& column : columns_of(records)) hashes.push_back(column.hash);
  sum_hashes(communicator, hashes);
  auto sum = hashes.begin();
  for (StateRecord& record : records)
    if (record.type == StateType::column) record.hash = *sum++;
}

std::uint64_t hash_of_column_file(Communicator& communicator, const std::string& path, std::int64_t bytes) {
  std::vector<std::uint64_t> hash(1);
  communicator.agree(columns_phase, [&] {
    hash[0] = hash_of_file_pieces(path, share_rows(file_pieces(bytes), communicator.rank(), communicator.size()));
  });
  sum_hashes(communicator, hash);
  return hash[0];
}

// Every byte, before the HDF5 library sees any of them.
std::string column_file_fault(Communicator& communicator, const std::string& path, std::int64_t bytes, std::uint64_t hash,
                              const std::vector<StateRecord>& records, bool moved) {
  const int ranks = communicator.size(), rank = (communicator.rank() + (moved ? 1 : 0)) % ranks;
  std::vector<std::uint64_t> found(1);
  std::string fault = failure_of(communicator, [&] {
    check_file_size(path, bytes);
    found[0] = hash_of_file_pieces(path, share_rows(file_pieces(bytes), rank, ranks));
  });
  if (!fault.empty()) return fault;
  sum_hashes(communicator, found);
  const auto check = [&](const std::function<void()>& work) { return failure_of(communicator, work); };
  if (found[0] != hash) return check([&] { fail_damaged(path, found[0], hash); });

  const std::vector<StateRecord> columns = columns_of(records);
  found.assign(columns.size(), 0);
  fault = check([&] {
    const hdf5::InputFile file(path);
    std::vector<double> piece(static_cast<std::size_t>(piece_rows));
    for (std::size_t k = 0; k < columns.size(); ++k) found[k] = hash_of_share(file, columns[k], rank, ranks, piece);
  });
  if (!fault.empty()) return fault;
  sum_hashes(communicator, found);
  return check([&] {
    const hdf5::InputFile file(path);
    for (std::size_t k = 0; k < columns.size(); ++k) check_hash(file, columns[k], found[k]);
  });
}

void add_column_values(const std::string& path, const std::vector<StateRecord>& records, StateValues& values) {
  const std::vector<StateRecord> columns = columns_of(records);
  if (columns.empty()) return;
  const auto file = std::make_shared<const hdf5::InputFile>(path);
  for (const StateRecord& column : columns) {
    file->require(column.name, hdf5::InputFile::Type::real, column.count);
    const auto read = [file, name = column.name](std::int64_t first, std::int64_t count, double* out) {
      try {
        file->read(name, hdf5::InputFile::Type::real, first, count, out);
      } catch (const Error& error) {
        throw Error(Status::storage, error.what());   // it was sound a moment ago
      }
    };
    if (!values.emplace(column.name, ColumnValue{column.count, read}).second)
      file->fail(column.name, "it is listed twice", "the manifest is damaged");
  }
}

}  // namespace jetpinn
