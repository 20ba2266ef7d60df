#include "jetpinn/io/state_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <algorithm>
#include <bit>
#include <set>

namespace jetpinn {
namespace {

static_assert(std::endian::native == std::endian::little, "the hashes of a state file are those of little-endian numbers");

// The values of an item where they lie.
struct Place {
  StateType type;
  const void* data;
  std::int64_t count;

  std::int64_t bytes() const { return type == StateType::text ? count : count * 8; }
};

struct PlaceOf {
  Place operator()(const RealSlice& slice) const { return {StateType::real, slice.data, slice.count}; }
  Place operator()(const double* number) const { return {StateType::real, number, 1}; }
  Place operator()(const std::int64_t* number) const { return {StateType::integer, number, 1}; }
  Place operator()(const std::vector<double>* numbers) const {
    return {StateType::real, numbers->data(), static_cast<std::int64_t>(numbers->size())};
  }
  Place operator()(const std::string* text) const {
    return {StateType::text, text->data(), static_cast<std::int64_t>(text->size())};
  }
  Place operator()(const SharedColumn& column) const { return {StateType::column, column.data, column.rows}; }
};

Place place_of(const StateItem& item) { return std::visit(PlaceOf(), item.place); }

std::uint64_t hash_of_blocks(const SharedColumn& column) {
  std::uint64_t sum = 0;
  const double* values = column.data;
  for (const Block& block : *column.blocks) {
    JETPINN_CHECK(block.first % block_points == 0 &&
                      (block.count == block_points || block.first + block.count == column.rows),
                  "a block of " + std::to_string(block.count) + " rows from " + std::to_string(block.first) + " on");
    sum += hash_of_rows(values, block.first, block.count);
    values += block.count;
  }
  return sum;
}

hdf5::InputFile::Type type_in_file(StateType type) {
  using Type = hdf5::InputFile::Type;
  return type == StateType::real ? Type::real : type == StateType::integer ? Type::integer : Type::text;
}

// Reads and checks into a place that is large enough.
void read_whole(const hdf5::InputFile& file, const StateRecord& record, void* out, std::int64_t bytes) {
  file.read(record.name, type_in_file(record.type), 0, record.count, out);
  check_hash(file, record, hash_of(out, bytes));
}

StateValue read_value(const hdf5::InputFile& file, const StateRecord& record) {
  file.require(record.name, type_in_file(record.type), record.count);
  if (record.type == StateType::text) {
    std::string text(static_cast<std::size_t>(record.count), '\0');
    read_whole(file, record, text.data(), record.count);
    return text;
  }
  if (record.type == StateType::integer) {
    std::int64_t number = 0;
    if (record.count != 1) file.fail(record.name, "a counter is one number", "the file is damaged");
    read_whole(file, record, &number, 8);
    return number;
  }
  std::vector<double> numbers(static_cast<std::size_t>(record.count));
  read_whole(file, record, numbers.data(), 8 * record.count);
  return numbers;
}

}  // namespace

void check_hash(const hdf5::InputFile& file, const StateRecord& record, std::uint64_t hash) {
  if (hash != record.hash)
    file.fail(record.name, "its values have the hash " + hex(hash) + ", " + hex(record.hash) + " was written",
              "the file is damaged");
}

const char* to_string(StateType type) {
  static const char* const names[] = {"real", "integer", "text", "column"};
  return names[static_cast<int>(type)];
}

std::uint64_t hash_of_rows(const double* values, std::int64_t first, std::int64_t count) {
  std::uint64_t sum = 0;
  for (std::int64_t row = 0; row < count; row += block_points)
    sum += hash_of(values + row, 8 * std::min(block_points, count - row), static_cast<std::uint64_t>(first + row));
  return sum;
}

std::vector<StateRecord> describe(const State& state) {
  std::vector<StateRecord> records;
  std::set<std::string> names;
  for (const StateItem& item : state) {
    JETPINN_CHECK(names.insert(item.name).second, "state item " + item.name + " is declared twice");
    const Place place = place_of(item);
    const auto* column = std::get_if<SharedColumn>(&item.place);
    records.push_back({item.name, place.type, place.count,
                       column ? hash_of_blocks(*column) : hash_of(place.data, place.bytes())});
  }
  return records;
}

std::uint64_t hash_of(const std::vector<StateRecord>& records) {
  std::string text;
  for (const StateRecord& record : records)
    text += record.name + " " + to_string(record.type) + " " + std::to_string(record.count) + " " + hex(record.hash) + "\n";
  return hash_of(text);
}

void write_state_file(const std::string& path, const State& state) {
  hdf5::OutputFile file(path);
  for (const StateItem& item : state) {
    const Place place = place_of(item);
    if (place.type == StateType::real) file.write(item.name, {place.count}, static_cast<const double*>(place.data));
    if (place.type == StateType::integer)
      file.write(item.name, std::vector<std::int64_t>{*static_cast<const std::int64_t*>(place.data)});
    if (place.type == StateType::text)
      file.write_text(item.name, std::string(static_cast<const char*>(place.data), place.count));
  }
  file.commit();
}

void verify_state_file(const std::string& path, const std::vector<StateRecord>& records) {
  const hdf5::InputFile file(path);
  std::vector<double> piece(std::size_t{1} << 17);
  for (const StateRecord& record : records) {
    if (record.type == StateType::column) continue;
    if (record.type != StateType::real) {
      read_value(file, record);
      continue;
    }
    file.require(record.name, hdf5::InputFile::Type::real, record.count);
    Hash hash;
    for (std::int64_t first = 0; first < record.count;) {
      const std::int64_t count = std::min(record.count - first, static_cast<std::int64_t>(piece.size()));
      file.read(record.name, hdf5::InputFile::Type::real, first, count, piece.data());
      hash.add(piece.data(), 8 * count);
      first += count;
    }
    check_hash(file, record, hash.value());
  }
}

StateValues read_state_file(const std::string& path, const std::vector<StateRecord>& records) {
  const hdf5::InputFile file(path);
  StateValues values;
  for (const StateRecord& record : records)
    if (record.type != StateType::column && !values.emplace(record.name, read_value(file, record)).second)
      file.fail(record.name, "it is listed twice", "the manifest is damaged");
  return values;
}

}  // namespace jetpinn
