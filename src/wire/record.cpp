// Records: the union, and the keys.
#include "wire/record.hpp"

#include "wire/record_codec.hpp"

namespace conclave::schema {
namespace {

struct PutArm {
  Record::Builder out;

  void operator()(const engine::IdentityRecord& value) { put(out.initIdentity(), value); }
  void operator()(const engine::GenerationRecord& value) { put(out.initGeneration(), value); }
  void operator()(const engine::GenesisRecord& value) { put(out.initGenesis(), value); }
  void operator()(const engine::PromiseRecord& value) { put(out.initPromise(), value); }
  void operator()(const engine::AcceptedRecord& value) { put(out.initAccepted(), value); }
  void operator()(const engine::WatermarkRecord& value) { put(out.initWatermark(), value); }
  void operator()(const engine::PeerRecord& value) { put(out.initPeer(), value); }
  void operator()(const engine::VoteLostRecord& value) { put(out.initVoteLost(), value); }
  void operator()(const engine::SessionRecord& value) { put(out.initSession(), value); }
};

}  // namespace

static void put(Record::Builder out, const engine::Record& value) { std::visit(PutArm{out}, value); }
static void put(Record::Builder out, const engine::AcceptedRecord& value) { put(out.initAccepted(), value); }

static engine::Record take(Record::Reader in) {
  switch (in.which()) {
    case Record::IDENTITY:
      return take(in.getIdentity());
    case Record::GENERATION:
      return take(in.getGeneration());
    case Record::GENESIS:
      return take(in.getGenesis());
    case Record::PROMISE:
      return take(in.getPromise());
    case Record::ACCEPTED:
      return take(in.getAccepted());
    case Record::WATERMARK:
      return take(in.getWatermark());
    case Record::PEER:
      return take(in.getPeer());
    case Record::VOTE_LOST:
      return take(in.getVoteLost());
    case Record::SESSION:
      return take(in.getSession());
  }
  throw UnknownValue{};
}

}  // namespace conclave::schema

namespace conclave::wire {
namespace {

struct KeyOf {
  std::string operator()(const engine::IdentityRecord&) const { return "identity"; }
  std::string operator()(const engine::GenerationRecord&) const { return "generation"; }
  std::string operator()(const engine::GenesisRecord&) const { return "genesis"; }
  std::string operator()(const engine::PromiseRecord&) const { return "promise"; }
  std::string operator()(const engine::WatermarkRecord&) const { return "watermark"; }
  std::string operator()(const engine::PeerRecord& value) const { return peer_key(value.member); }
  std::string operator()(const engine::VoteLostRecord&) const { return "vote-lost"; }
  std::string operator()(const engine::SessionRecord&) const { return "session"; }
  // The slot is its key.
  std::string operator()(const engine::AcceptedRecord&) const { return {}; }
};

Result<engine::Record> decode(const char* what, BytesView value) {
  try {
    return guard_reading(errc::data_damaged, what, [value] {
      SegmentReader segment(value);
      return take(segment.root<schema::Record>());
    });
  } catch (const schema::UnknownValue&) {
    return Error(errc::incompatible, std::string(what) + ": written by a newer version");
  }
}

}  // namespace

std::string peer_key(const MemberId& member) { return "peer/" + member.to_string(); }

std::string record_key(const engine::Record& record) { return std::visit(KeyOf{}, record); }

Bytes encode(const engine::Record& record) {
  if (const auto* accepted = std::get_if<engine::AcceptedRecord>(&record)) return encode(*accepted);
  return write_segment<schema::Record>(record, 512);
}

Bytes encode(const engine::AcceptedRecord& record) {
  return write_segment<schema::Record>(record, 160 + record.entry.payload.size());
}

Result<engine::Record> decode_record(std::string_view key, BytesView value) {
  const auto what = "record \"" + std::string(key) + '"';
  auto record = decode(what.c_str(), value);
  if (record && (key.empty() || record_key(*record) != key))
    return Error(errc::data_damaged, what + " holds another record");
  return record;
}

Result<engine::AcceptedRecord> decode_accepted(Slot slot, BytesView value) {
  const auto what = "record of slot " + to_string(slot);
  auto record = decode(what.c_str(), value);
  if (!record) return std::move(record).error();
  auto* accepted = std::get_if<engine::AcceptedRecord>(&*record);
  if (accepted == nullptr || accepted->slot != slot) return Error(errc::data_damaged, what + " holds another record");
  return std::move(*accepted);
}

}  // namespace conclave::wire
