// Which rows of a term's table are its points: those inside the domain, less those held out.
#pragma once

#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/sampling_options.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Beyond this share of rows outside the domain a table is refused: its units are others, or its domain is.
inline constexpr double most_rows_outside = 0.1;

// What a refusal of such a table says; empty: there are few enough outside. name: of the table.
std::string too_many_outside(std::int64_t outside, std::int64_t rows, const std::string& name);

using RowNumbers = std::shared_ptr<const std::vector<std::int64_t>>;  // ascending

// Rows in the box of a domain that shapes make, and clearly out of the shapes. Of a long table some rows are looked at.
struct RowsOffShapes {
  std::int64_t looked_at = 0, off = 0;
  std::int64_t first = 0;  // number of a row that is off
};

struct TableRows {
  std::int64_t all = 0;      // of the table
  std::int64_t outside = 0;  // the domain; a row that rounding alone takes out is inside
  RowNumbers trained;        // null: all, which are streamed
  RowNumbers held_out;
  RowsOffShapes shapes;
  std::map<std::string, double> constants;       // columns that are read and hold one value in all rows, of two at least
  std::int64_t groups = 0, groups_held_out = 0;  // where rows of equal values are held out together
  std::int64_t reader_bytes = 0;  // that reading takes: the values of a CSV file
  std::int64_t bytes() const {
    const std::size_t listed = (trained ? trained->size() : 0) + held_out->size();
    return static_cast<std::int64_t>(listed * sizeof(std::int64_t)) + reader_bytes;
  }
};

// Whether a row is held out: a pure function of its number and the seed, equal for all tables. Where rows are held out in
// groups, of the value that they have in common instead.
bool is_held_out(std::uint64_t seed, std::int64_t row, double share);
bool is_group_held_out(std::uint64_t seed, double value, double share);

// Reads the whole table of a term in pieces, once; of one that is streamed some rows, for the others are looked at when they
// come. Throws Error (usage) for columns that are missing or of unequal length,
// values that are not finite, standard deviations that are not above zero, too many rows outside the domain, and where no
// row is left to train on or to hold out, or all rows are one group.
TableRows read_table_rows(const Problem& problem, const Term& term, std::uint64_t seed);

// How the points of those rows are read.
StoredPointsOptions stored_rows(const Problem& problem, const Term& term, const RowNumbers& rows);

// Of the coordinates and the columns that a term reads of its table, all rows: equal for equal numbers, whatever the file's
// format. Throws Error (usage).
std::uint64_t table_hash(const Problem& problem, const Term& term);

// What the term reads of its table, as an HDF5 table with the same hash.
void copy_table(const Problem& problem, const Term& term, const std::string& path);

// Rows of a term's table whose coordinate lies above one place and not above another, in an HDF5 table at `path` ("": none
// is written). Rows outside the domain are left out. Returns how many there are; no file is made of none.
std::int64_t copy_rows_between(const Problem& problem, const Term& term, int coordinate, double above, double up_to,
                               const std::string& path);

// "piv: 162 rows of piv.h5, 18 held out (2 of 20 values of tool), 2 outside the domain left out"
std::string table_sentence(const Term& term, const TableRows& rows);

}  // namespace jetpinn
