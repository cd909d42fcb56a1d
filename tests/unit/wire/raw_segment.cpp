#include "unit/wire/raw_segment.hpp"

#include <cstring>

namespace conclave::test {
namespace {

constexpr std::uint64_t kind_of(std::uint64_t pointer) { return pointer & 3; }
constexpr std::uint64_t data_of(std::uint64_t pointer) { return pointer >> 32 & 0xffff; }
constexpr std::uint64_t pointers_of(std::uint64_t pointer) { return pointer >> 48; }
constexpr Element element_of(std::uint64_t pointer) { return static_cast<Element>(pointer >> 32 & 7); }
constexpr std::uint64_t count_of(std::uint64_t pointer) { return pointer >> 35; }

constexpr std::uint64_t bits[] = {0, 1, 8, 16, 32, 64, 64};

class Newer {
 public:
  explicit Newer(const Words& in) : in_(in), out_(1) { copy(0, 0); }

  Words take() { return std::move(out_); }

 private:
  // Writes into out_[to] the pointer in_[from], and what it leads to behind all that is there.
  void copy(std::size_t from, std::size_t to) {
    const auto pointer = in_[from];
    if (pointer == 0) return;
    if (kind_of(pointer) == 0)
      copy_struct(from, to);
    else if (element_of(pointer) == Element::composite)
      copy_structs(from, to);
    else
      copy_list(from, to);
  }

  void copy_struct(std::size_t from, std::size_t to) {
    const auto data = data_of(in_[from]);
    const auto pointers = pointers_of(in_[from]);
    const auto place = append(data + pointers + 2);
    out_[to] = struct_pointer(distance(to, place), data + 1, pointers + 1);
    copy_fields(target(in_, from), place, data, pointers);
  }

  void copy_structs(std::size_t from, std::size_t to) {
    const auto tag = target(in_, from);
    const auto count = in_[tag] >> 2 & 0x3fffffff;
    const auto data = data_of(in_[tag]);
    const auto pointers = pointers_of(in_[tag]);
    const auto size = data + pointers + 2;
    const auto place = append(1 + count * size);
    out_[to] = list_pointer(distance(to, place), Element::composite, count * size);
    out_[place] = struct_pointer(static_cast<std::int32_t>(count), data + 1, pointers + 1);
    for (std::size_t i = 0; i < count; ++i)
      copy_fields(tag + 1 + i * (data + pointers), place + 1 + i * size, data, pointers);
  }

  void copy_fields(std::size_t from, std::size_t to, std::uint64_t data, std::uint64_t pointers) {
    for (std::size_t i = 0; i < data; ++i) out_[to + i] = in_[from + i];
    out_[to + data] = 0xaaaaaaaaaaaaaaaa;
    for (std::size_t i = 0; i < pointers; ++i) copy(from + data + i, to + data + 1 + i);
    const auto last = to + data + 1 + pointers;
    const auto text = append(1);
    out_[text] = 0x0077656e;  // "new"
    out_[last] = list_pointer(distance(last, text), Element::byte, 4);
  }

  void copy_list(std::size_t from, std::size_t to) {
    const auto pointer = in_[from];
    const auto words = (count_of(pointer) * bits[static_cast<std::size_t>(element_of(pointer))] + 63) / 64;
    const auto place = append(words);
    out_[to] = list_pointer(distance(to, place), element_of(pointer), count_of(pointer));
    for (std::size_t i = 0; i < words; ++i)
      if (element_of(pointer) == Element::pointer)
        copy(target(in_, from) + i, place + i);
      else
        out_[place + i] = in_[target(in_, from) + i];
  }

  std::size_t append(std::size_t words) {
    const auto place = out_.size();
    out_.resize(place + words);
    return place;
  }

  static std::int32_t distance(std::size_t pointer, std::size_t place) {
    return static_cast<std::int32_t>(place - pointer - 1);
  }

  const Words& in_;
  Words out_;
};

}  // namespace

Words to_words(BytesView body) {
  Words words(body.size() / 8);
  if (!words.empty()) std::memcpy(words.data(), body.data(), words.size() * 8);
  return words;
}

Bytes to_body(const Words& words) {
  Bytes body(words.size() * 8);
  if (!body.empty()) std::memcpy(body.data(), words.data(), body.size());
  return body;
}

std::uint64_t struct_pointer(std::int32_t offset, std::uint64_t data_words, std::uint64_t pointers) {
  return static_cast<std::uint32_t>(offset) << 2 | data_words << 32 | pointers << 48;
}

std::uint64_t list_pointer(std::int32_t offset, Element element, std::uint64_t count) {
  return (static_cast<std::uint32_t>(offset) << 2) | 1u | static_cast<std::uint64_t>(element) << 32 | count << 35;
}

std::size_t target(const Words& words, std::size_t at) {
  const auto offset = static_cast<std::int32_t>(static_cast<std::uint32_t>(words[at])) >> 2;
  return static_cast<std::size_t>(static_cast<std::int64_t>(at) + 1 + offset);
}

Bytes as_newer(BytesView body) { return to_body(Newer(to_words(body)).take()); }

}  // namespace conclave::test
