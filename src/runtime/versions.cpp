#include "jetpinn/runtime/versions.hpp"

#include "jetpinn/runtime/cuda_facts.hpp"

#include <H5public.h>
#include <fmt/core.h>
#include <libxsmm.h>
#include <mpi.h>
#include <spdlog/version.h>
#include <toml++/impl/version.h>
#include <xxhash.h>
#include <CLI/Version.hpp>
#include <Kokkos_Macros.hpp>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

std::string join(long major, long minor, long patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> library_versions() {
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(mpi, &length);
  std::string mpi_text(mpi, static_cast<std::size_t>(length));
  mpi_text = mpi_text.substr(0, mpi_text.find_first_of(",\n"));
  unsigned hdf5[3] = {};
  H5get_libversion(&hdf5[0], &hdf5[1], &hdf5[2]);
  const CudaFacts cuda = cuda_build();
  std::string cards = cuda.built ? cuda_version_text(cuda.runtime) : "not in this build";
  for (const int capability : cuda.built_for) cards += ", sm_" + std::to_string(capability);
  return {{"MPI", mpi_text},
          {"Kokkos", join(KOKKOS_VERSION / 10000, KOKKOS_VERSION / 100 % 100, KOKKOS_VERSION % 100)},
          {"LibTorch", JETPINN_LIBTORCH_VERSION},
          {"libxsmm", LIBXSMM_VERSION},
          {"HDF5", join(hdf5[0], hdf5[1], hdf5[2])},
          {"CLI11", CLI11_VERSION},
          {"toml++", join(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH)},
          {"nlohmann-json", join(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
          {"spdlog", join(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)},
          {"fmt", join(FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
          {"xxHash", join(XXH_versionNumber() / 10000, XXH_versionNumber() / 100 % 100, XXH_versionNumber() % 100)},
          {"Random123", "headers without a version"},
          {"CUDA", cards}};
}

}  // namespace jetpinn
