#!/usr/bin/env python3
"""A file includes the header of each name of the standard library and of {fmt} that it uses, itself or through headers of jetpinn.
Builds read those precompiled (cmake/precompiled.cmake), so that no compiler misses one. A name that the table lacks is an error,
too: it belongs into the row of its header."""
import functools
import pathlib
import re
import sys

HEADERS = {
    "algorithm": "all_of any_of binary_search clamp copy copy_if copy_n count count_if equal fill fill_n find find_if "
                 "find_if_not generate generate_n is_sorted lower_bound max max_element min min_element minmax minmax_element "
                 "none_of nth_element ranges remove_if replace replace_if reverse rotate shuffle sort stable_sort swap_ranges transform "
                 "unique upper_bound",
    "array": "array",
    "atomic": "atomic atomic_thread_fence memory_order_acquire memory_order_relaxed memory_order_release",
    "bit": "bit_cast endian popcount rotl",
    "cctype": "isalnum isalpha isdigit isspace tolower toupper",
    "charconv": "from_chars to_chars",
    "chrono": "chrono",
    "cmath": "abs acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp expm1 fabs floor fma fmax fmod "
             "hypot isfinite isinf isnan isnormal ldexp llround log log10 log1p log2 lround nan nearbyint nextafter nextafterf "
             "pow round signbit sin sinh sqrt tan tanh tgamma",
    "complex": "complex norm polar",
    "condition_variable": "condition_variable",
    "csignal": "raise sig_atomic_t signal",
    "cstddef": "byte nullptr_t ptrdiff_t size_t",
    "cstdint": "int16_t int32_t int64_t int8_t uint16_t uint32_t uint64_t uint8_t uintmax_t uintptr_t",
    "cstdio": "FILE ferror fclose fflush fgets fopen fprintf fputs fread fwrite printf remove rename snprintf sscanf",
    "cstdlib": "_Exit abort aligned_alloc atof atoi atoll free getenv llabs malloc strtod strtol strtoll strtoul",
    "cstring": "memcmp memcpy memset strchr strcmp strerror strlen strncmp",
    "ctime": "time time_t",
    "deque": "deque",
    "exception": "current_exception exception exception_ptr make_exception_ptr rethrow_exception terminate",
    "filesystem": "filesystem",
    "fstream": "fstream ifstream ofstream",
    "functional": "function greater hash mem_fn minus multiplies not_fn plus",
    "future": "async future launch",
    "initializer_list": "initializer_list",
    "ios": "ios ios_base streamoff streamsize",
    "iostream": "cout",
    "istream": "istream",
    "iterator": "advance back_inserter begin distance end istreambuf_iterator next prev size",
    "limits": "numeric_limits",
    "map": "map",
    "memory": "enable_shared_from_this make_shared make_unique shared_ptr static_pointer_cast unique_ptr",
    "mutex": "lock_guard mutex unique_lock",
    "new": "align_val_t bad_alloc nothrow",
    "numbers": "numbers",
    "numeric": "accumulate inner_product iota",
    "optional": "nullopt optional",
    "ostream": "flush ostream",
    "random": "mt19937 mt19937_64 normal_distribution random_device uniform_int_distribution uniform_real_distribution",
    "regex": "regex regex_match regex_search smatch sregex_iterator",
    "set": "multiset set",
    "span": "span",
    "sstream": "istringstream ostringstream stringbuf stringstream",
    "stdexcept": "invalid_argument logic_error runtime_error",
    "streambuf": "streambuf",
    "string": "char_traits getline stod stoi stol stoll stoul string to_string",
    "string_view": "string_view",
    "system_error": "errc error_code system_error",
    "thread": "this_thread thread",
    "tuple": "tie tuple",
    "type_traits": "conditional_t decay_t enable_if_t integral_constant is_convertible_v is_integral_v is_pointer_v is_same_v "
                   "make_unsigned_t remove_pointer_t",
    "unordered_map": "unordered_map unordered_multimap",
    "unordered_set": "unordered_set",
    "utility": "as_const exchange index_sequence integer_sequence make_index_sequence make_integer_sequence make_pair move pair "
               "swap",
    "variant": "get_if holds_alternative variant visit",
    "vector": "vector",
}
# Further headers that declare a name, or must bring the header that does.
CONTAINERS = "array deque map regex set span string string_view unordered_map unordered_set vector"
STREAMS = "fstream iostream istream sstream"
ALSO = {
    "abs": "cstdlib complex", "begin": CONTAINERS, "end": CONTAINERS, "erase": CONTAINERS, "erase_if": CONTAINERS,
    "errc": "charconv", "error_code": "filesystem", "exception": "new stdexcept", "flush": STREAMS,
    "get": "array memory tuple utility variant", "getline": STREAMS, "hash": "string string_view",
    "initializer_list": CONTAINERS, "ios": STREAMS, "ios_base": STREAMS, "istream": STREAMS, "ostream": STREAMS, "pair": "map unordered_map",
    "size": CONTAINERS, "size_t": "cstdio cstdlib cstring ctime " + CONTAINERS, "streambuf": STREAMS, "streamoff": STREAMS,
    "streamsize": STREAMS,
}
FMT = {"fmt/format.h", "fmt/ranges.h", "fmt/chrono.h"}

headers_of = {}
for header, names in HEADERS.items():
    for name in names.split():
        headers_of.setdefault(name, set()).add(header)
for name, headers in ALSO.items():
    headers_of.setdefault(name, set()).update(headers.split())

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.S)


@functools.cache
def included(path):
    """Standard headers that a file includes, itself or by headers of the project."""
    found = set()
    for bracket, name in re.findall(r'^\s*#\s*include\s*([<"])([^">]+)[">]', path.read_text(encoding="utf-8"), re.M):
        if bracket == "<":
            found.add(name)
        else:
            for folder in (root / "include", root / "tests"):
                if (folder / name).exists():
                    found |= included(folder / name)
    return found


wrong, files = [], 0
for top in ("include", "src", "tests", "perf"):
    for path in sorted((root / top).rglob("*.[ch]pp")):
        files += 1
        text = NOT_CODE.sub('""', path.read_text(encoding="utf-8"))
        for library, name in sorted(set(re.findall(r"\b(std|fmt)::(\w+)", text))):
            headers = FMT if library == "fmt" else headers_of.get(name)
            where = f"{path.relative_to(root)}: {library}::{name}"
            if not headers:
                wrong.append(f"{where} stands in no row of {pathlib.Path(__file__).name}")
            elif not headers & included(path):
                wrong.append(f"{where} without <{'> or <'.join(sorted(headers))}>")
print("\n".join(wrong) if wrong else f"{files} files include what they use of libraries")
sys.exit(1 if wrong else 0)
