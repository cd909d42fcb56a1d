// The bare segment: allocation on the way out, alignment and limits on the way in.
#include "wire/segment.hpp"

#include <kj/exception.h>

#include <cstring>

#include "wire/limits.hpp"

namespace conclave::wire {
namespace {

constexpr std::size_t word_bytes = sizeof(capnp::word);

bool is_aligned(BytesView bytes) { return reinterpret_cast<std::uintptr_t>(bytes.data()) % word_bytes == 0; }

// Every object is read once, so honest readers need no more words than there are. The rest is for a message of few words
// whose pointers are counted too.
capnp::ReaderOptions options(BytesView body) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = 2 * (body.size() / word_bytes) + 64;
  options.nestingLimit = nesting_max;
  return options;
}

}  // namespace

SegmentBuilder::SegmentBuilder(std::size_t bytes_expected) : bytes_expected_(bytes_expected) {}

kj::ArrayPtr<capnp::word> SegmentBuilder::allocateSegment(unsigned words_min) {
  std::size_t words = std::max<std::size_t>(words_min, bytes_expected_ / word_bytes + 1);
  auto* segment = &first_;
  if (!first_.empty()) {
    // A second segment means that the expectation was too low: grow with the message.
    words = std::max(words, (more_.empty() ? first_ : more_.back()).size() / word_bytes * 2);
    segment = &more_.emplace_back();
  }
  segment->resize(words * word_bytes);
  return {reinterpret_cast<capnp::word*>(segment->data()), words};
}

Bytes SegmentBuilder::take_first() {
  const auto used = getSegmentsForOutput()[0].asBytes().size();
  auto body = std::move(first_);
  body.resize(used);
  return body;
}

SegmentReader::SegmentReader(BytesView body)
    : aligned_(is_aligned(body) ? Bytes() : Bytes(body.begin(), body.end())),
      segment_{{reinterpret_cast<const capnp::word*>(aligned_.empty() ? body.data() : aligned_.data()),
                body.size() / word_bytes}},
      message_(segment_, options(body)) {
  if (body.empty()) throw Malformed{"empty"};
  if (body.size() % word_bytes != 0)
    throw Malformed{std::to_string(body.size()) + " bytes are no whole number of words"};
}

Error reading_failed(errc code, const char* what) {
  const auto prefix = std::string(what) + ": ";
  try {
    throw;
  } catch (const Malformed& malformed) {
    return {code, prefix + malformed.detail};
  } catch (const kj::Exception& exception) {
    return {code, prefix + exception.getDescription().cStr()};
  }
}

}  // namespace conclave::wire
