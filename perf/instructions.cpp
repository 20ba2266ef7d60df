// What a core does in a second of the instructions that products could be made of: multiply-adds of fp32, of bf16 (two
// products and two sums a lane), and of 16-bit integers (as many). 24 independent sums in registers, so that nothing but the
// instruction bounds it. What a processor lacks is left out.
//   build/release/perf/perf_instructions
#include <benchmark/benchmark.h>

#if defined(__x86_64__) && defined(__GNUC__)

namespace {

#define JETPINN_FOUR(name, a, b, c, d)                                                                                   \
  name " %%zmm0, %%zmm1, %%zmm" #a "\n" name " %%zmm0, %%zmm1, %%zmm" #b "\n" name " %%zmm0, %%zmm1, %%zmm" #c "\n" name \
       " %%zmm0, %%zmm1, %%zmm" #d "\n"
#define JETPINN_SUMS(name)                                                                                 \
  JETPINN_FOUR(name, 2, 3, 4, 5)                                                                           \
  JETPINN_FOUR(name, 6, 7, 8, 9)                                                                           \
  JETPINN_FOUR(name, 10, 11, 12, 13) JETPINN_FOUR(name, 14, 15, 16, 17) JETPINN_FOUR(name, 18, 19, 20, 21) \
      JETPINN_FOUR(name, 22, 23, 24, 25)
// Rounds of an instruction, by a function for processors with AVX-512 alone: compilers for others do not know its registers.
// __builtin_cpu_supports takes a literal alone.
#define JETPINN_INSTRUCTION(function, instruction, feature, products)                                                      \
  [[gnu::target("avx512f"), gnu::noinline]] void function##_rounds(long left) {                                            \
    asm volatile(                                                                                                          \
        "vpxord %%zmm0, %%zmm0, %%zmm0\nvpxord %%zmm1, %%zmm1, %%zmm1\n1:\n" JETPINN_SUMS(instruction) "dec %0\njnz 1b\n"  \
        : "+r"(left)                                                                                                       \
        :                                                                                                                  \
        : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
          "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24",      \
          "xmm25");                                                                                                        \
  }                                                                                                                        \
  void function(benchmark::State& state) {                                                                                 \
    if (!__builtin_cpu_supports(feature)) return state.SkipWithError("this processor lacks it");                           \
    constexpr long rounds = 1000, sums = 24, lanes = 16;                                                                   \
    for (auto _ : state) function##_rounds(rounds);                                                                        \
    const double done = static_cast<double>(state.iterations()) * rounds * sums;                                           \
    state.counters["per_second"] = benchmark::Counter(done, benchmark::Counter::kIsRate);                                  \
    state.counters["FLOP"] = benchmark::Counter(2 * products * lanes * done, benchmark::Counter::kIsRate);                 \
  }                                                                                                                        \
  BENCHMARK(function)

JETPINN_INSTRUCTION(vfmadd231ps, "vfmadd231ps", "avx512f", 1);
JETPINN_INSTRUCTION(vdpbf16ps, "vdpbf16ps", "avx512bf16", 2);
JETPINN_INSTRUCTION(vpdpwssd, "vpdpwssd", "avx512vnni", 2);

}  // namespace

#endif

BENCHMARK_MAIN();
