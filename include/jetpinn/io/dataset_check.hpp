// What a dataset of a file from anywhere must be before its values are read: stored in this very file, in a form that
// needs nothing from outside and no more memory than the file's size explains. Nothing but headers is read for that;
// attributes are never looked at.
#pragma once

#include "jetpinn/io/hdf5.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn::hdf5 {

// Extents of a dataset of IEEE floats (32 or 64 bits, either byte order). Refuses (Error, usage) virtual and external
// storage, filters other than deflate, shuffle and fletcher32, chunks that are missing, and sizes that the file cannot hold.
// file and data: identifiers of the open file and dataset; `input` serves messages. integers: these and truth values, as
// h5py writes them, are taken too.
std::vector<std::int64_t> checked_shape(const InputFile& input, const std::string& dataset, std::int64_t file,
                                        std::int64_t data, bool integers = false);

// Whether a file's superblock asks for a driver of another kind of file: the library takes memory for what that is to be
// told, as much as the file claims, before anything can be checked. Files of one piece never do.
bool asks_for_driver(const std::string& path);

}  // namespace jetpinn::hdf5
