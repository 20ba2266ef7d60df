// An NVTX tool, injected by NVTX_INJECTION64_PATH, that writes the ranges of domains to the file named by JETPINN_STUB_FILE,
// a line a call: "domain NAME", "push NAME", "pop".
#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>

#include <cstdio>
#include <cstdlib>

namespace {

std::FILE* file() {
  static std::FILE* the_file = std::fopen(std::getenv("JETPINN_STUB_FILE"), "w");
  return the_file;
}

nvtxDomainHandle_t NVTX_API create_domain(const char* name) {
  std::fprintf(file(), "domain %s\n", name);
  static int some_domain;
  return reinterpret_cast<nvtxDomainHandle_t>(&some_domain);
}
int NVTX_API push(nvtxDomainHandle_t domain, const nvtxEventAttributes_t* event) {
  std::fprintf(file(), "%s %s\n", domain ? "push" : "default", event->message.ascii);
  return 0;
}
int NVTX_API pop(nvtxDomainHandle_t) {
  std::fputs("pop\n", file());
  std::fflush(file());
  return 0;
}

}  // namespace

extern "C" int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table) {
  const auto* callbacks = static_cast<const NvtxExportTableCallbacks*>(get_table(NVTX_ETID_CALLBACKS));
  NvtxFunctionTable table = nullptr;
  unsigned int size = 0;
  if (!callbacks || !callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE2, &table, &size)) return 0;
  if (size <= NVTX_CBID_CORE2_DomainRangePop) return 0;
  *table[NVTX_CBID_CORE2_DomainCreateA] = reinterpret_cast<NvtxFunctionPointer>(create_domain);
  *table[NVTX_CBID_CORE2_DomainRangePushEx] = reinterpret_cast<NvtxFunctionPointer>(push);
  *table[NVTX_CBID_CORE2_DomainRangePop] = reinterpret_cast<NvtxFunctionPointer>(pop);
  return 1;
}
#endif
