// How the HDF5 library writes a file of ours to the disk.
#pragma once

#include "jetpinn/io/hdf5_handles.hpp"

namespace jetpinn::hdf5 {

// Properties with which a file is created, by a driver of our own. The library hears of no write that fails: what it cannot
// write it cannot close either, and its clean-up at the end of the program crashes on what is half open. errno of the first
// failure goes to `failure`, that of closing or of reading back included, which is 0 before and outlives the file: whoever
// writes looks there. What cannot be read back is zeros for the library.
Handle silent_disk_access(int* failure);

}  // namespace jetpinn::hdf5
