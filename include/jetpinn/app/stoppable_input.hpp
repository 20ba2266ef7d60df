// A file descriptor as a stream buffer whose reads end when the program is asked to stop: the signals of runtime.hpp restart
// reads, so that a plain one would wait for the next line, however long that takes.
#pragma once

#include <array>
#include <functional>
#include <streambuf>

namespace jetpinn {

class StoppableInput : public std::streambuf {
 public:
  // The descriptor stays the caller's. From where stop() says so on, the input is at its end. What cannot be read is an
  // Error (storage), which a stream hands on where its exceptions() have badbit.
  StoppableInput(int descriptor, std::function<bool()> stop);

 protected:
  int_type underflow() override;

 private:
  int descriptor_;
  std::function<bool()> stop_;
  std::array<char, 65536> buffer_;
};

}  // namespace jetpinn
