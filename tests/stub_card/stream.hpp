// A stream of the stub of a card: work is done at once, or recorded while the stream captures, as a CUDA stream has it.
#pragma once

#include <functional>
#include <utility>
#include <vector>

using StubWork = std::vector<std::function<void()>>;

struct CUstream_st {
  StubWork* recording = nullptr;  // null: it captures nothing
  bool spoiled = false;           // something was asked for that no capture takes
};

template <class Work>
void stub_give(CUstream_st* stream, Work work) {
  if (stream->recording)
    stream->recording->push_back(std::move(work));
  else
    work();
}
